"""An event that asks for a prediction gets a reply event; one that isn't for this version an empty 204."""

import json

import pytest
from cloudevents.http import CloudEvent

from poorwill.errors import Fault, InvalidRequestError
from tests import models

REQUESTED = "dev.poorwill.prediction.requested"
COMPLETED = "dev.poorwill.prediction.completed"
DATA = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]}]}
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def event(**members):
    return {"specversion": "1.0", "id": "1", "source": "/test", "type": REQUESTED, "data": DATA} | members


def structured(caller, **members):
    return caller.post("/", event(**members), content_type=STRUCTURED)


def binary(caller, content, **members):
    names = {f"ce_{name}": value for name, value in event(**members).items() if name != "data"}
    return caller.post("/", content, content_type="application/json", **names)


def total(data):
    return data["outputs"][0]["data"]


def test_a_structured_event_is_answered_by_a_structured_one(summing):
    answer = structured(summing, traceparent=TRACEPARENT, subject="tiny")

    reply = json.loads(answer.body)
    assert (answer.status, answer.content_type, total(reply["data"])) == (200, STRUCTURED, [6.0])
    assert (reply["type"], reply["source"], reply["subject"]) == (COMPLETED, "/models/tiny/versions/3", "tiny")
    assert (reply["causationid"], reply["traceparent"]) == ("1", TRACEPARENT)
    assert (reply["modelname"], reply["modelversion"]) == ("tiny", "3")
    assert reply["modeldigest"] == summing.application.served.digest


def test_a_binary_event_is_answered_by_a_binary_one(summing):
    answer = binary(summing, DATA)

    headers = dict(answer.headers)
    assert (answer.status, headers["ce-type"], total(json.loads(answer.body))) == (200, COMPLETED, [6.0])
    assert headers["ce-id"] != "1"


def test_a_redelivered_event_gets_the_same_reply(summing):
    first, again, other = (json.loads(structured(summing, id=name).body) for name in ("1", "1", "2"))

    assert first["id"] == again["id"] != other["id"]


def test_a_batch_is_answered_by_the_replies_to_those_for_this_version(summing):
    batch = [event(), event(id="2", type="other"), event(id="3", subject="tiny@3"), event(id="4", subject="tiny@4")]

    answer = summing.post("/", batch, content_type=BATCH)

    replies = json.loads(answer.body)
    assert answer.content_type == BATCH
    assert [reply["causationid"] for reply in replies] == ["1", "3"]


@pytest.mark.parametrize("members", [{"type": "other"}, {"subject": "other"}, {"subject": "tiny@4"}])
def test_an_event_for_somebody_else_is_an_empty_204(summing, members):
    for answer in (structured(summing, **members), binary(summing, DATA, **members)):
        assert (answer.status, answer.body) == (204, b"")


def test_an_empty_batch_is_an_empty_204(summing):
    assert summing.post("/", [], content_type=BATCH).status == 204


def test_every_missing_attribute_is_named_in_one_final_answer(summing):
    answer = summing.post("/", {"data": DATA}, content_type=STRUCTURED)

    assert answer.status == 400
    named = " ".join(fault["where"] for fault in json.loads(answer.body)["faults"])
    assert all(name in named for name in ("specversion", "id", "source", "type"))


def test_faults_in_the_data_of_a_batch_are_named_by_event(summing):
    bad = {"inputs": [{"name": "x", "datatype": "FP64", "shape": [1, 3], "data": [1, 2, 3]}]}

    answer = summing.post("/", [event(), event(id="2", data=bad), event(id="3", data={})], content_type=BATCH)

    places = [fault["where"] for fault in json.loads(answer.body)["faults"]]
    assert places == ["events[1].data: inputs[0].datatype", "events[2].data: inputs"]


def test_tensors_travel_in_binary_inside_an_event(summing):
    head = json.dumps(
        {
            "inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 3], "parameters": {"binary_data_size": 12}}],
            "parameters": {"binary_data_output": True},
        }
    ).encode()
    tensor = b"\0\0\x80\x3f" * 3
    names = {f"ce_{name}": value for name, value in event().items() if name != "data"}

    answer = summing.post(
        "/", head + tensor, content_type="application/octet-stream", ce_tensorheaderlength=str(len(head)), **names
    )

    length = int(dict(answer.headers)["ce-tensorheaderlength"])
    assert answer.content_type == "application/octet-stream"
    assert answer.body[length:] == b"\0\0\x40\x40"


def handled(serve, handle):
    from poorwill.registry.onnx_session import open_session

    return serve(open_session(models.sum_model().SerializeToString()), handle_event=handle)


def test_a_handler_of_the_users_own_takes_and_gives_cloudevents(serve):
    def handle(request, model):
        assert isinstance(request, CloudEvent)
        return CloudEvent({"type": "other.done", "source": "/mine"}, {"inputs": len(model.signature.inputs)})

    answer = structured(handled(serve, handle), type="other")

    reply = json.loads(answer.body)
    assert (reply["type"], reply["data"]) == ("other.done", {"inputs": 1})


def test_a_handler_may_have_nothing_to_say(serve):
    assert structured(handled(serve, lambda request, model: None), type="other").status == 204


def test_a_handler_that_answers_with_the_type_it_was_asked_by_is_stopped(serve):
    caller = handled(serve, lambda request, model: request)

    assert structured(caller, type="other").status == 500


def test_a_handler_that_fails_is_a_500_and_one_that_refuses_a_400(serve):
    def fail(request, model):
        raise KeyError

    def refuse(request, model):
        raise InvalidRequestError(Fault("data", "a picture", "none", "send one"))

    assert structured(handled(serve, fail), type="other").status == 500
    assert structured(handled(serve, refuse), type="other").status == 400
