"""Each function of a pipeline runs alone: an event in a file, its reply printed; and as a JobSink's Job."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml

from poorwill.errors import Fault, UnavailableError
from poorwill.kinds.period import seconds
from poorwill.pipeline.function.command import SEND_TIMEOUT_SECONDS, patiently
from tests.pipeline.function.events import ARRIVED, text

KNATIVE = Path(__file__).parents[3] / "knative"
BROKER = "http://broker-ingress.knative-eventing.svc.cluster.local/default/default"


def test_a_step_takes_an_event_in_a_file_and_prints_its_reply_which_is_the_next_ones_event(place):
    (place.folder / "event.json").write_text(text())

    ingested = place.run("ingest", "event.json")
    validated = place.run("validate", "-", stdin=ingested.stdout)

    assert (ingested.returncode, validated.returncode) == (0, 0), ingested.stderr + validated.stderr
    first, second = json.loads(ingested.stdout), json.loads(validated.stdout)
    assert first["type"] == "dev.poorwill.data.ingested"
    assert second["type"] == "dev.poorwill.data.validated"
    assert first["run"] == second["run"] == second["subject"]
    assert "40 rows of 3 columns" in ingested.stderr


def test_a_schedules_event_is_data_that_arrived(place):
    done = place.run("ingest", "-", stdin=text(type="dev.knative.sources.ping", pipeline="flowers"))

    assert json.loads(done.stdout)["type"] == "dev.poorwill.data.ingested", done.stderr


def test_a_step_that_fails_has_a_reply_that_says_so(place):
    done = place.run("ingest", "-", stdin=text({"pipeline": "flowers", "object": "incoming/december.csv"}))

    assert done.returncode == 0
    assert json.loads(done.stdout)["type"] == "dev.poorwill.step.failed"


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        ((), "", "wanted one file"),
        (("nowhere.json",), "", "none that can be read"),
        (("-",), "{", "bytes that aren't JSON"),
        (("-",), text(type="dev.poorwill.model.trained"), "wanted dev.poorwill.data.arrived"),
        (("-",), text({"pipeline": "birds", "object": "x.csv"}), "wanted the pipeline of this function, flowers"),
    ],
)
def test_what_is_no_event_for_it_ends_with_words_and_no_trace(place, arguments, stdin, words):
    done = place.run("ingest", *arguments, stdin=stdin)

    assert done.returncode in {2, 65}
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_spec_with_a_fault_is_told_with_its_line(place):
    (place.folder / "pipeline.yaml").write_text("format: 1\npipeline: flowers\nmodel: flowers\nsteps: []\n")

    done = place.run("ingest", "-", stdin=text())

    assert done.returncode == 65
    assert "pipeline.yaml line" in done.stderr


def test_a_pod_whose_spec_has_a_fault_says_it_in_its_last_words_without_a_trace(place):
    (place.folder / "pipeline.yaml").write_text("format: 1\npipeline: flowers\nmodel: flowers\nsteps: []\n")
    command = [sys.executable, "-m", "poorwill.pipeline.function", "ingest"]

    done = subprocess.run(command, cwd=place.folder, env=place.variables, capture_output=True, text=True, check=False)

    assert done.returncode == 65
    assert "pipeline.yaml line" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_pod_without_the_extra_says_which_it_is(place):
    hidden = "import sys; sys.modules['pyarrow'] = None; sys.argv = ['', 'ingest']; import runpy; "
    command = [sys.executable, "-c", f"{hidden}runpy.run_module('poorwill.pipeline.function', run_name='__main__')"]

    done = subprocess.run(command, cwd=place.folder, env=place.variables, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "poorwill[train]" in done.stderr
    assert "Traceback" not in done.stderr


class _Broker(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        self.server.got.append((self.path, dict(self.headers.items()), json.loads(body)))
        self.send_response(self.server.statuses.pop(0))
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def broker() -> Iterator[HTTPServer]:
    """Stand where the twin's gateway stands, and refuse the first event."""
    with HTTPServer(("127.0.0.1", 0), _Broker) as server:
        server.got, server.statuses = [], [503, 202]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def job(place, function, broker, **more):
    (place.folder / "job").mkdir(exist_ok=True)
    (place.folder / "job" / "event").write_text(text())
    variables = {"K_EVENT_PATH": "job", "K_EXECUTION_MODE": "batch", "POORWILL_BROKER_URL": BROKER}
    return place.run(function, POORWILL_GATEWAY=f"127.0.0.1:{broker.server_port}", **variables | more)


def test_a_job_sends_its_reply_to_the_broker_and_again_where_that_is_busy(place, broker):
    done = job(place, "ingest", broker)

    assert done.returncode == 0, done.stderr
    assert len(broker.got) == 2
    assert broker.got[0] == broker.got[1]
    path, headers, data = broker.got[0]
    assert path == "/default/default"
    assert headers["host"] == "broker-ingress.knative-eventing.svc.cluster.local"
    assert headers["ce-type"] == "dev.poorwill.data.ingested"
    assert headers["ce-pipeline"] == data["pipeline"] == ARRIVED["pipeline"]


def test_a_job_waits_for_a_store_that_is_away_and_longer_each_time_but_not_for_ever():
    pauses, faults = [], [UnavailableError(Fault("store", "one", "none", "wait"))] * 3

    def work():
        if faults:
            raise faults.pop()
        return "a reply"

    assert patiently(work, pauses.append) == "a reply"
    assert pauses == sorted(pauses)
    assert len(pauses) == 3

    faults += [UnavailableError(Fault("store", "one", "none", "wait"))] * 1000
    with pytest.raises(UnavailableError):
        patiently(work, pauses.append)
    assert sum(pauses) < 700


def test_a_job_that_is_run_twice_sends_the_same_event(place, broker):
    broker.statuses[:] = [202, 202]
    for _ in range(2):
        assert job(place, "ingest", broker).returncode == 0

    assert broker.got[0] == broker.got[1]


def test_a_job_waits_for_the_broker_as_long_as_the_broker_delivers():
    broker = yaml.safe_load((KNATIVE / "pipeline" / "broker" / "broker.yaml").read_text())

    # on channels in memory it answers once its subscribers have, which are started first
    assert seconds(broker["spec"]["delivery"]["timeout"]) <= SEND_TIMEOUT_SECONDS


def test_a_job_without_a_broker_says_which_variable_names_it(place, broker):
    done = job(place, "ingest", broker, POORWILL_BROKER_URL="")

    assert done.returncode == 2
    assert "POORWILL_BROKER_URL" in done.stderr


def test_a_dead_letter_is_kept_once_with_what_went_wrong(place):
    letter = text(knativeerrordest="http://digits", knativeerrorcode="422")
    for _ in range(2):
        assert place.run("deadletters", "-", stdin=letter).returncode == 0

    (kept,) = (place.folder / "store" / "deadletters").iterdir()
    record = json.loads(kept.read_text())
    assert record["event"]["data"] == ARRIVED
    assert record["event"]["knativeerrorcode"] == "422"
    assert record["id"] == kept.stem


def test_another_destination_that_did_not_take_it_is_another_dead_letter(place):
    for destination in ("http://one", "http://two"):
        place.run("deadletters", "-", stdin=text(knativeerrordest=destination))

    assert len([*(place.folder / "store" / "deadletters").iterdir()]) == 2
