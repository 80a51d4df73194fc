"""One suite on both carriers, as real processes: `poorwill serve`, and functions-framework with functions/predict."""

import gzip
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import pytest

from poorwill.registry.push import push_version
from poorwill.store.opening import open_store
from tests import models
from tests.conftest import free_ports

ROOT = Path(__file__).parents[2]
REQUEST = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]}]}
EVENT = {"specversion": "1.0", "id": "1", "source": "/t", "type": "dev.poorwill.prediction.requested", "data": REQUEST}
STRUCTURED = "application/cloudevents+json"
START_SECONDS = 60
LIMIT_BYTES = 1_000_000


class Served:
    """A carrier's process and the port that it answers on."""

    def __init__(self, command, environment, port, metrics_port):
        self.port, self.metrics_port = port, metrics_port
        self.process = subprocess.Popen(command, env=os.environ | environment, cwd=ROOT, stdout=subprocess.PIPE)

    def ask(self, method, path, body=b"", headers=None, port=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=20)
        connection.request(method, path, body if isinstance(body, bytes) else json.dumps(body), headers or {})
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response, content

    def infer(self, body, **headers):
        return self.ask("POST", "/v2/models/tiny/infer", body, {"content-type": "application/json"} | headers)

    def wait(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "the carrier ended before it was ready"
            try:
                response, _ = self.ask("GET", "/v2/health/ready")
            except OSError:
                time.sleep(0.02)
            else:
                assert response.status == 200
                return self
        raise AssertionError("the carrier was not ready in time")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        output, _ = self.process.communicate(timeout=START_SECONDS)
        return self.process.returncode, output


def command(carrier, port):
    bin_folder = Path(sys.executable).parent
    if carrier == "poorwill":
        return [bin_folder / "poorwill", "serve", "tiny@1", "--port", str(port)]
    function = ["--source", "functions/predict/main.py", "--target", "predict"]
    return [bin_folder / "functions-framework", *function, "--host", "127.0.0.1", "--port", str(port)]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    onnx.save(models.sum_model(), folder / "sum.onnx")
    push_version(open_store(str(folder / "store"), create=True), folder / "sum.onnx", "tiny")
    return str(folder / "store")


@pytest.fixture(scope="module", params=["poorwill", "functions-framework"])
def served(request, store):
    port, metrics_port = free_ports(2)
    environment = {
        "POORWILL_STORE": store,
        "POORWILL_MODEL": "tiny@1",
        "POORWILL_METRICS_PORT": str(metrics_port),
        "POORWILL_BODY_LIMIT_BYTES": str(LIMIT_BYTES),
        "PYTHONPATH": str(ROOT / "functions"),
    }
    carrier = Served(command(request.param, port), environment, port, metrics_port)
    try:
        yield carrier.wait()
    finally:
        code, output = carrier.stop()
    assert code == 0, "SIGTERM ends a carrier cleanly"
    messages = [json.loads(line)["message"] for line in output.splitlines()]
    assert messages[0] == "ready"
    assert messages[-1] == "stopped"


def test_a_prediction_is_answered_with_model_version_and_digest(served):
    response, content = served.infer(REQUEST | {"id": "7"})

    answer = json.loads(content)
    assert (response.status, answer["id"], answer["outputs"][0]["data"]) == (200, "7", [6.0])
    assert (response.headers["poorwill-model"], response.headers["poorwill-version"]) == ("tiny", "1")
    assert response.headers["poorwill-digest"].startswith("sha256:")
    assert "model;dur=" in response.headers["server-timing"]


def test_binary_tensors_go_both_ways(served):
    values = np.arange(6, dtype="<f4").reshape(2, 3)
    tensor = {"name": "x", "datatype": "FP32", "shape": [2, 3], "parameters": {"binary_data_size": values.nbytes}}
    head = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()

    response, content = served.infer(
        head + values.tobytes(),
        **{"content-type": "application/octet-stream", "Inference-Header-Content-Length": str(len(head))},
    )

    length = int(response.headers["Inference-Header-Content-Length"])
    np.testing.assert_array_equal(np.frombuffer(content[length:], "<f4"), values.sum(1))


def test_a_raw_body_is_a_tensor(served):
    values = np.array([1, 2, 3], "<f4")

    _, content = served.infer(values.tobytes(), **{"Inference-Header-Content-Length": "0"})

    assert json.loads(content)["outputs"][0]["data"] == [6.0]


@pytest.mark.parametrize("name", ["/v2", "/v2/health/live", "/v2/models/tiny", "/v1/models/tiny", "/openapi.json"])
def test_what_describes_the_server_is_json_and_head_has_no_body(served, name):
    got, content = served.ask("GET", name)
    head, nothing = served.ask("HEAD", name)

    assert (got.status, head.status, nothing) == (200, 200, b"")
    assert json.loads(content)
    assert head.headers["content-length"] == str(len(content))


def test_an_event_is_answered_by_an_event_in_the_mode_it_came_in(served):
    response, content = served.ask("POST", "/", EVENT, {"content-type": STRUCTURED})
    assert (response.status, response.headers["content-type"]) == (200, STRUCTURED)
    assert json.loads(content)["type"] == "dev.poorwill.prediction.completed"

    names = {f"ce-{name}": value for name, value in EVENT.items() if name != "data"}
    response, content = served.ask("POST", "/", REQUEST, names | {"content-type": "application/json"})
    assert response.headers["ce-type"] == "dev.poorwill.prediction.completed"
    assert json.loads(content)["outputs"][0]["data"] == [6.0]


def test_an_event_for_somebody_else_is_an_empty_204(served):
    response, content = served.ask("POST", "/", EVENT | {"type": "other"}, {"content-type": STRUCTURED})

    assert (response.status, content) == (204, b"")


def test_a_packed_body_is_taken(served):
    _, content = served.infer(gzip.compress(json.dumps(REQUEST).encode()), **{"content-encoding": "gzip"})

    assert json.loads(content)["outputs"][0]["data"] == [6.0]


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        ("GET", "/nowhere", {}, b"", 404),
        ("POST", "/v2/models/tiny/versions/9/infer", {}, b"{}", 404),
        ("PUT", "/v2", {}, b"", 405),
        ("POST", "/v2/models/tiny/infer", {"content-type": "application/json"}, b"{", 400),
        ("POST", "/v2/models/tiny/infer", {"content-type": "text/csv"}, b"1,2", 415),
        ("POST", "/v2/models/tiny/infer", {"content-type": "application/json"}, b" " * (LIMIT_BYTES + 1), 413),
        ("POST", "/", {"content-type": STRUCTURED}, b"{}", 400),
    ],
)
def test_refusals_are_problems_on_both(served, method, path, headers, body, status):
    response, content = served.ask(method, path, body, headers)

    problem = json.loads(content)
    assert (response.status, problem["status"]) == (status, status)
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["faults"][0]["next"]


def test_metrics_are_on_a_port_of_their_own(served):
    served.infer(REQUEST)

    response, content = served.ask("GET", "/metrics", port=served.metrics_port)

    assert response.status == 200
    assert b'poorwill_requests_total{model="tiny",route="infer",status="200",version="1"}' in content
    assert served.ask("GET", "/metrics")[0].status == 404


def test_the_cold_start_ledger_names_every_phase(served):
    served.infer(REQUEST)

    report = json.loads(served.ask("GET", "/cold-start")[1])

    names = [phase["name"] for phase in report["phases"]]
    assert names == ["interpreter", "imports", "fetch", "verify", "session", "warm_up", "first_answer"]


def test_neither_flask_nor_boto3_nor_click_is_imported_before_readiness(store):
    script = (
        "import sys, poorwill.serving.wake as w; from poorwill.settings import read;"
        "import poorwill.cli.serve, poorwill.serving.carry;"
        f"w.wake(read({{'POORWILL_STORE': {store!r}, 'POORWILL_MODEL': 'tiny@1'}}));"
        "print([name for name in ('flask', 'boto3', 'botocore', 'click', 'rich', 'prometheus_client', 'asyncio',"
        " 'logging', 'dataclasses', 'pathlib', 'onnx', 'cloudevents', 'urllib3') if name in sys.modules])"
    )

    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert found == "[]\n"


def test_a_second_server_on_a_taken_port_says_so(store):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        script = [Path(sys.executable).parent / "poorwill", "serve", "tiny@1", "--store", store, "--port", str(port)]

        ended = subprocess.run(script, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert "--port" in ended.stderr
    assert "Traceback" not in ended.stderr
