"""A real process under 64 connections: runs are shared, answers are not."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import pytest
from onnx import helper
from prometheus_client.parser import text_string_to_metric_families

from poorwill.registry.onnx_session import open_session
from poorwill.registry.push import push_version
from poorwill.store.opening import open_store
from tests import models
from tests.conftest import free_ports
from tests.serving.test_conformance import ROOT, Served, command

pytestmark = pytest.mark.e2e
CONNECTIONS, REQUESTS, INPUTS, WIDTH = 64, 20, 8, 1024


def dense_model():
    """Take x[n, 8] through two layers of weights, so wide that reading them is most of a run, to y[n, 1]."""
    numbers = np.random.default_rng(7)
    constants = tuple(
        models.constant(name, numbers.standard_normal(shape).astype(np.float32) / 32)
        for name, shape in {"a": (INPUTS, WIDTH), "b": (WIDTH, WIDTH), "c": (WIDTH, 1)}.items()
    )
    nodes = [
        helper.make_node("MatMul", ["x", "a"], ["first"]),
        helper.make_node("Tanh", ["first"], ["bent"]),
        helper.make_node("MatMul", ["bent", "b"], ["second"]),
        helper.make_node("MatMul", ["second", "c"], ["y"]),
    ]
    shape = [models.value("x", models.FLOAT, ("n", INPUTS))]
    return models.build(nodes, shape, [models.value("y", models.FLOAT, ("n", 1))], constants)


@pytest.fixture
def served(tmp_path):
    onnx.save(dense_model(), tmp_path / "dense.onnx")
    push_version(open_store(str(tmp_path / "store"), create=True), tmp_path / "dense.onnx", "tiny")
    port, metrics_port = free_ports(2)
    environment = {
        "POORWILL_STORE": str(tmp_path / "store"),
        "POORWILL_METRICS_PORT": str(metrics_port),
        "PYTHONPATH": str(ROOT / "functions"),
    }
    process = Served(command("poorwill", port), environment, port, metrics_port)
    try:
        yield process.wait()
    finally:
        process.stop()


def ask(port, caller):
    """Send requests over one connection, each with rows and an id that nobody else has; return what came of each."""
    numbers = np.random.default_rng(caller)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    found = []
    for number in range(REQUESTS):
        rows = numbers.standard_normal((1 + number % 3, INPUTS)).astype(np.float32)
        tensor = {"name": "x", "datatype": "FP32", "shape": rows.shape, "data": rows.ravel().tolist()}
        body = json.dumps({"id": f"{caller}-{number}", "inputs": [tensor]})
        connection.request("POST", "/v2/models/tiny/infer", body, {"X-Request-Id": f"{caller}-{number}"})
        response = connection.getresponse()
        found.append((f"{caller}-{number}", rows, response.headers["x-request-id"], json.loads(response.read())))
    connection.close()
    return found


def test_under_64_connections_runs_are_shared_and_every_answer_is_its_caller_s(served):
    with ThreadPoolExecutor(CONNECTIONS) as callers:
        answers = [
            found for each in callers.map(lambda caller: ask(served.port, caller), range(CONNECTIONS)) for found in each
        ]

    alone = open_session(dense_model().SerializeToString())
    for name, rows, request_id, answer in answers:
        assert (request_id, answer["id"]) == (name, name)
        np.testing.assert_allclose(
            answer["outputs"][0]["data"], alone.run({"x": rows})["y"].ravel(), rtol=1e-3, atol=1e-4
        )

    told = json.loads(served.ask("GET", "/batching")[1])
    assert told["plan"]["rows_limit"] > 1, told["plan"]
    text = served.ask("GET", "/metrics", port=served.metrics_port)[1].decode()
    family = {family.name: family.samples for family in text_string_to_metric_families(text)}["poorwill_batch_requests"]
    runs = {sample.labels.get("le", sample.name): sample.value for sample in family}
    assert runs["+Inf"] > runs["1.0"], "some runs were of more than one request"
    assert runs["+Inf"] > runs["1.0"], "some runs were of more than one request"
