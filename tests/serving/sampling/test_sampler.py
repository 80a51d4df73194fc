"""A share of the predictions goes to a Broker, beside the requests; what can't be sent is counted and dropped."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from poorwill.errors import UsageError
from poorwill.registry.onnx_session import open_session
from poorwill.serving.exposition import Exposition
from poorwill.serving.sampling.sampler import Sampler
from tests import models
from tests.serving.conftest import Caller

HOST = "broker-ingress.knative-eventing.svc.cluster.local"


class _Broker(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.got.append((self.path, headers, json.loads(body)))
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def broker():
    """Stand where the twin's gateway stands."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Broker) as server:
        server.got, server.status = [], 202
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Sampled(Caller):
    """A served version that sends samples."""

    def __init__(self, place, **flags):
        values = {"sample_ratio": 1, "broker_url": f"http://{HOST}/shop/default", "gateway": place, **flags}
        super().__init__(open_session(models.sum_model().SerializeToString()), sampler=Sampler, **values)

    def ask(self, *row, **headers):
        tensor = {"name": "x", "datatype": "FP32", "shape": [1, 3], "data": row}
        return self.infer({"inputs": [tensor]}, **headers)


def place_of(server):
    return f"127.0.0.1:{server.server_port}"


def test_a_prediction_becomes_an_event_that_triggers_can_tell_from_a_reply(broker):
    served = Sampled(place_of(broker))
    served.ask(1, 2, 3, x_request_id="mine")
    served.sampler.close()

    ((path, headers, data),) = broker.got
    assert (path, headers["host"]) == ("/shop/default", HOST)
    assert headers["ce-type"] == "dev.poorwill.prediction.completed"
    assert (headers["ce-sampled"], headers["ce-modelname"], headers["ce-subject"]) == ("true", "tiny", "tiny@3")
    assert data["predictions"] == [{"id": "mine", "inputs": [1.0, 2.0, 3.0], "outputs": {"total": [6.0]}}]


def test_the_older_protocol_and_events_are_sampled_too_an_event_under_its_own_id(broker):
    served = Sampled(place_of(broker))
    served.post("/v1/models/tiny:predict", {"instances": [[1, 1, 1]]}, x_request_id="old")
    event = {"ce_specversion": "1.0", "ce_id": "e7", "ce_source": "/x", "ce_type": "dev.poorwill.prediction.requested"}
    tensor = {"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]}
    content = {"inputs": [tensor]}
    served.post("/", content, content_type="application/json", ce_subject="tiny", **event)
    served.sampler.close()

    ids = [prediction["id"] for _, _, data in broker.got for prediction in data["predictions"]]
    assert ids == ["old", "e7"]


def test_a_share_is_sampled_evenly(broker):
    served = Sampled(place_of(broker), sample_ratio=0.25)
    for number in range(40):
        served.ask(number, 0, 0)
    served.sampler.close()

    rows = [prediction["inputs"][0] for _, _, data in broker.got for prediction in data["predictions"]]
    assert rows == [float(number) for number in range(3, 40, 4)]
    assert served.sampler.sent == 10


def test_no_event_is_larger_than_a_broker_takes_well(broker):
    served = Sampled(place_of(broker))
    for number in range(200):
        tensor = {"name": "x", "datatype": "FP32", "shape": [16, 3], "data": [number + 1 / 3] * 48}
        served.infer({"inputs": [tensor]})
    served.sampler.close()

    assert len(broker.got) > 1
    assert sum(len(data["predictions"]) for _, _, data in broker.got) == 3200
    assert max(int(headers["content-length"]) for _, headers, _ in broker.got) < 64_000


@pytest.mark.parametrize("status", [404, 503])
def test_what_a_broker_does_not_take_is_counted_and_told_and_answers_go_on(broker, status):
    broker.status = status
    served = Sampled(place_of(broker))

    assert served.ask(1, 2, 3).status == 200
    served.sampler.close()

    assert (served.sampler.sent, served.sampler.dropped) == (0, 1)
    (line,) = (line for line in served.lines if line["message"] == "samples not sent")
    assert line["found"] == f"HTTP {status}"
    scraped = Exposition(served.application).answer().body.decode()
    assert 'poorwill_samples_total{model="tiny",state="dropped",version="3"} 1.0' in scraped


def test_a_broker_that_is_away_holds_nobody_up(broker):
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Broker)
    server.server_close()
    served = Sampled(place_of(server))

    answers = [served.ask(1, 2, number) for number in range(600)]
    served.sampler.close()

    assert {answer.status for answer in answers} == {200}
    assert served.sampler.dropped == 600


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"broker_url": ""}, "none, though predictions are sampled"),
        ({"broker_url": "ftp://x/y"}, "another text"),
        ({"sample_without": "y"}, "'y'"),
    ],
)
def test_settings_that_can_not_be_used_are_refused_at_the_start(flags, words):
    with pytest.raises(UsageError, match=words):
        Sampled("", **flags)
