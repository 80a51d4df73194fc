"""The whole protocol over one served version: answers, refusals, headers, log lines and counts."""

import json

import numpy as np
import pytest

from poorwill.errors import Fault, ModelFailedError, PoorwillError, TooLargeError
from poorwill.registry.records import Signature, TensorSpec

REQUEST = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]}]}
TOTAL = {"name": "total", "datatype": "FP32", "shape": [1, 1], "data": [6.0]}
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Broken:
    """A model that fails on every request."""

    signature = Signature((TensorSpec("x", "FP32", (-1, 3)),), (TensorSpec("total", "FP32", (-1, 1)),))

    def __init__(self, error):
        self.error = error

    def run(self, inputs, outputs=None):
        raise self.error


class Fixed(Broken):
    """A model that answers the same tensor always."""

    def __init__(self, array):
        self.array = array

    def run(self, inputs, outputs=None):
        return {"total": self.array}


def header(answer, name):
    return dict(answer.headers).get(name)


def content(answer):
    return json.loads(answer.body)


@pytest.mark.parametrize("path", ["/v2/models/tiny/infer", "/v2/models/tiny/versions/3/infer"])
def test_an_infer_request_is_answered_with_model_version_and_id(summing, path):
    answer = summing.post(path, REQUEST | {"id": "a"})

    assert answer.status == 200
    assert content(answer) == {"model_name": "tiny", "model_version": "3", "id": "a", "outputs": [TOTAL]}


def test_every_answer_carries_model_version_and_digest(summing):
    names = dict(summing.application.common_headers)

    assert names == {
        "poorwill-model": "tiny",
        "poorwill-version": "3",
        "poorwill-digest": summing.application.served.digest,
    }


def test_outputs_come_in_the_order_and_the_form_that_was_asked(pair):
    request = {
        "inputs": [
            {"name": "left", "datatype": "FP32", "shape": [2], "data": [5, 7]},
            {"name": "right", "datatype": "INT64", "shape": [2], "data": [2, 3]},
        ],
        "outputs": [{"name": "difference", "parameters": {"binary_data": True}}, {"name": "total"}],
    }

    answer = pair.infer(request)

    length = int(header(answer, "inference-header-content-length"))
    outputs = json.loads(answer.body[:length])["outputs"]
    assert answer.content_type == "application/octet-stream"
    assert [output["name"] for output in outputs] == ["difference", "total"]
    assert outputs[1]["data"] == [7.0, 10.0]
    assert np.frombuffer(answer.body[length:], "<f4").tolist() == [3.0, 4.0]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v2", {"name": "poorwill", "version": "0.1.0", "extensions": ["binary_tensor_data"]}),
        ("/v2/health/live", {"live": True}),
        ("/v2/health/ready", {"ready": True}),
        ("/v2/models/tiny/ready", {"ready": True}),
        ("/v2/models/tiny/versions/3/ready", {"ready": True}),
        ("/v1/models", {"models": ["tiny"]}),
        ("/v1/models/tiny", {"name": "tiny", "ready": True}),
        (
            "/v2/models/tiny",
            {
                "name": "tiny",
                "versions": ["3"],
                "platform": "onnxruntime_onnx",
                "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 3]}],
                "outputs": [{"name": "total", "datatype": "FP32", "shape": [-1, 1]}],
            },
        ),
    ],
)
def test_what_is_served_describes_itself(summing, path, expected):
    answer = summing.get(path)

    assert (answer.status, content(answer)) == (200, expected)


def test_readiness_ends_with_the_order_to_stop_and_requests_are_answered_on(summing):
    summing.application.stopping()

    assert summing.get("/v2/health/ready").status == 503
    assert header(summing.get("/v2/models/tiny/ready"), "retry-after") == "1"
    assert summing.get("/v2/health/live").status == 200
    assert summing.infer(REQUEST).status == 200


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("GET", "/v2/models/other", {}, 404),
        ("POST", "/v2/models/tiny/versions/4/infer", {}, 404),
        ("DELETE", "/v2", {}, 405),
        ("POST", "/v2/models/tiny/infer", {"content_type": "text/csv"}, 415),
        ("POST", "/v2/models/tiny/infer", {"content_type": "application/octet-stream"}, 415),
        ("POST", "/v2/models/tiny/infer", {"content_encoding": "br"}, 415),
        ("POST", "/v2/models/tiny/infer", {"inference_header_content_length": "ten"}, 400),
        ("POST", "/v1/models/tiny:predict", {"content_type": "text/csv"}, 415),
        ("POST", "/", {"content_type": "application/json"}, 415),
    ],
)
def test_a_refusal_says_what_was_wanted_and_what_to_do(summing, method, path, headers, status):
    answer = summing.send(method, path, b"{}", **headers)

    problem = content(answer)
    assert (answer.status, problem["status"], answer.content_type) == (status, status, "application/problem+json")
    assert set(problem["faults"][0]) == {"where", "wanted", "found", "next"}
    assert problem["error"] == problem["detail"]
    assert problem["request_id"] == header(answer, "x-request-id")


def test_a_wrong_method_is_told_the_right_ones(summing):
    assert header(summing.send("PUT", "/v2/models/tiny/infer"), "allow") == "POST"


@pytest.mark.parametrize("error", [ValueError("hunter2"), ModelFailedError(Fault("model", "a run", "none", "look"))])
def test_a_model_that_fails_is_a_500_without_its_words(serve, error):
    caller = serve(Broken(error))

    answer = caller.infer(REQUEST)

    assert answer.status == 500
    assert b"hunter2" not in answer.body
    assert "hunter2" not in json.dumps(caller.lines)


def test_an_unexpected_error_is_logged_with_its_place(serve):
    caller = serve(Broken(ZeroDivisionError()))

    caller.infer(REQUEST)

    assert caller.lines[0]["error"] == "ZeroDivisionError"
    assert "test_application.py" in caller.lines[0]["stack"][-1]


def test_a_bug_that_a_carrier_met_is_logged_with_its_place(summing):
    error = PoorwillError()
    error.__cause__ = ZeroDivisionError("hunter2")

    answer = summing.application.refuse(error)

    assert answer.status == 500
    assert summing.lines[0]["error"] == "ZeroDivisionError"
    assert "hunter2" not in json.dumps(summing.lines)


def test_json_is_refused_for_values_that_it_cannot_carry_and_binary_is_not(serve):
    caller = serve(Fixed(np.array([[np.nan]], np.float32)))

    by_json = caller.infer(REQUEST)
    by_binary = caller.infer(REQUEST | {"parameters": {"binary_data_output": True}})

    assert (by_json.status, by_binary.status) == (400, 200)
    assert "binary" in content(by_json)["detail"]


def test_a_request_id_is_kept_if_it_is_a_plain_word_and_made_if_not(summing):
    kept = summing.get("/v2", x_request_id="abc-1")
    made = summing.get("/v2", x_request_id="x" * 129)
    other = summing.get("/v2")

    assert header(kept, "x-request-id") == "abc-1"
    assert header(made, "x-request-id") != "x" * 129
    assert header(made, "x-request-id") != header(other, "x-request-id")


def test_server_timing_names_decode_model_and_encode_and_of_the_first_answer_the_start(summing):
    first, later = (header(summing.infer(REQUEST), "server-timing") for _ in range(2))

    assert [part.split(";dur=")[0] for part in first.split(", ")] == ["decode", "model", "encode", "start"]
    assert float(first.rpartition("=")[2]) == summing.application.ledger.report().first_answer_ms
    assert [part.split(";dur=")[0] for part in later.split(", ")] == ["decode", "model", "encode"]


def test_errors_and_slow_answers_are_logged_always_others_by_their_share(serve):
    model = Fixed(np.zeros((1, 1), np.float32))
    silent, slow, half = serve(model), serve(model, slow_ms=0), serve(model, log_ratio=0.5)
    for caller in (silent, slow, half):
        for _ in range(4):
            caller.infer(REQUEST)
    silent.get("/nowhere")

    assert [line["message"] for line in silent.lines] == ["first answer", "answered"]
    assert silent.lines[1]["status"] == 404
    assert [line["message"] for line in slow.lines].count("answered") == 4
    assert [line["message"] for line in half.lines].count("answered") == 2


def test_a_log_line_carries_request_id_and_trace(serve):
    caller = serve(Fixed(np.zeros((1, 1), np.float32)), slow_ms=0)

    caller.infer(REQUEST, x_request_id="r1", traceparent=TRACEPARENT)

    line = caller.lines[0]
    assert (line["request_id"], line["trace_id"], line["route"]) == ("r1", TRACEPARENT[3:35], "infer")


def test_requests_are_counted_by_route_and_status(summing):
    summing.infer(REQUEST)
    summing.infer(REQUEST)
    summing.infer(b"{}")
    summing.application.refuse(TooLargeError(Fault("body", "less", "more", "send less")))

    totals = summing.application.metrics.totals()
    assert totals["requests"] == {"infer 200": 2, "infer 400": 1, "none 413": 1}
    assert totals["model_runs"] == 2


def test_the_cold_start_ledger_is_closed_by_the_first_prediction(summing):
    summing.get("/v2/health/ready")
    before = content(summing.get("/cold-start"))
    summing.infer(REQUEST)
    summing.infer(REQUEST)
    after = content(summing.get("/cold-start"))

    assert before["first_answer_ms"] is None
    assert [phase["name"] for phase in after["phases"]] == ["interpreter", "first_answer"]
    assert after["first_answer_ms"] >= after["phases"][1]["duration_ms"]
    assert [line["message"] for line in summing.lines] == ["first answer"]


def test_a_heavy_model_and_a_large_body_go_to_a_thread(serve, summing):
    heavy = serve(Fixed(None), heavy=True).application
    large, small = b" " * 70_000, b" "

    from poorwill.serving.message import Request

    assert heavy.is_heavy(Request("POST", "/", {}, small))
    assert not heavy.is_heavy(Request("GET", "/", {}, small))
    assert summing.application.is_heavy(Request("POST", "/", {}, large))
    assert not summing.application.is_heavy(Request("POST", "/", {}, small))
