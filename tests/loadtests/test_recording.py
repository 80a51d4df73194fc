"""A recorded log of requests: what came when, and what was answered, to be sent again in the same way."""

import json
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from loadtests.digits import DIGITS, right
from loadtests.recorded import Recorded, due_seconds, read, write
from loadtests.recording import Recording
from loadtests.runs import RUNS
from loadtests.wire import HEADER_LENGTH, outputs

ANSWER = json.dumps({"outputs": [{"name": "x", "datatype": "INT64", "shape": [1], "data": [7]}]}).encode()


class Predictor(BaseHTTPRequestHandler):
    """Answers as a model would, and 404 elsewhere."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        found = self.path == "/v2/models/tiny/infer" and body == b"asked"
        self.send_response(404 if self.path == "/elsewhere" else 200)
        if found:
            self.send_header("Poorwill-Model", "tiny")
            self.send_header("Poorwill-Digest", "sha256:00")
            self.send_header("Content-Type", "application/json")
        self.send_header("X-Host", self.headers["host"])
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *_):
        pass


@pytest.fixture
def recording():
    with ThreadingHTTPServer(("127.0.0.1", 0), Predictor) as server:
        with Recording(0, f"http://127.0.0.1:{server.server_port}", "tiny.example.com") as recording:
            for each in (server, recording):
                threading.Thread(target=each.serve_forever, daemon=True).start()
            yield recording
            recording.shutdown()
        server.shutdown()


def ask(recording, path, body=b"asked"):
    connection = HTTPConnection("127.0.0.1", recording.server_port, timeout=10)
    connection.request("POST", path, body, {"Content-Type": "application/json", "Authorization": "Bearer secret"})
    answer = connection.getresponse()
    found = answer.status, answer.getheader("x-host"), answer.read()
    connection.close()
    return found


def test_requests_are_passed_on_and_those_that_a_model_answered_are_kept(recording, tmp_path):
    for _ in range(2):
        assert ask(recording, "/v2/models/tiny/infer") == (200, "tiny.example.com", ANSWER)
    assert ask(recording, "/elsewhere")[0] == 404
    assert ask(recording, "/of/no/model")[0] == 200

    write(tmp_path / "log.jsonl", recording.kept())
    first, second = read(str(tmp_path / "log.jsonl"))

    assert (first.after_seconds, first.path, first.model) == (0, "/v2/models/tiny/infer", "tiny")
    assert second.after_seconds > 0
    assert (first.body_bytes, first.answer_bytes, first.digest) == (b"asked", ANSWER, "sha256:00")
    assert first.headers == {"content-type": "application/json"}, "who called is not kept"
    assert (tmp_path / "log.jsonl").stat().st_mode & 0o777 == 0o600


def test_requests_are_due_as_far_apart_as_they_came_or_stretched():
    log = [Recorded(after_seconds=at, path="/", headers={}, body="") for at in (2, 2.5, 4)]

    assert due_seconds(log) == [0, 0.5, 2]
    assert due_seconds(log, 0.5) == [0, 0.25, 1]


def test_a_log_without_a_request_is_refused(tmp_path):
    (tmp_path / "empty.jsonl").touch()

    with pytest.raises(ValueError, match="without a request"):
        read(str(tmp_path / "empty.jsonl"))


def test_the_log_of_the_repository_has_both_kinds_of_bodies_and_right_answers():
    log = read(RUNS["replay"].recorded)

    assert {one.headers["content-type"] for one in log} == {"application/json", "application/octet-stream"}
    assert len({len(one.body_bytes) for one in log}) > 2, "payloads of several sizes"
    for one in log:
        found = outputs(one.answer_bytes, one.answer_headers.get(HEADER_LENGTH.lower()))
        assert set(found) == {"label", "probabilities"}
    assert DIGITS.is_dir()
    assert not right(0, "sha256:of another model", {})
