"""What a function of a pipeline answers: by a status that Knative takes as it is meant."""

import json

import pytest

from poorwill.errors import (
    ConflictError,
    CorruptError,
    Fault,
    InvalidRequestError,
    NotFoundError,
    UnavailableError,
)
from poorwill.events.codec import decode
from poorwill.events.reply import reply_to
from poorwill.pipeline.function.endpoint import IN_A_SEQUENCE, Endpoint
from poorwill.serving.message import Request
from poorwill.telemetry import Log
from tests.pipeline.function.events import text

AGAIN = {404, 408, 409, 429}  # and 5xx: what Knative delivers again
STRUCTURED = {"content-type": "application/cloudevents+json"}
FAULT = Fault("here", "this", "that", "do so")


def answer(handle, *, path="/", method="POST", body=None, headers=STRUCTURED, limit_bytes=1000):
    endpoint = Endpoint(handle, Log(ratio=0, write=lambda line: None), limit_bytes)
    body = text().encode() if body is None else body
    return endpoint.answer(Request(method, path, headers, body))


def completed(event, progress):
    return reply_to(event, type="dev.poorwill.data.ingested", source="/steps", data=b"{}")


def raising(error):
    def handle(event, progress):
        raise error

    return handle


def test_the_reply_comes_in_the_mode_of_the_event():
    found = answer(completed)

    assert found.status == 200
    assert found.content_type == "application/cloudevents+json"
    assert json.loads(found.body)["type"] == "dev.poorwill.data.ingested"


def test_an_event_without_a_reply_is_answered_by_nothing_at_all():
    found = answer(lambda event, progress: None)

    assert (found.status, found.body) == (204, b"")


def test_busy_says_when_to_come_again():
    found = answer(raising(UnavailableError(FAULT, retry_after_seconds=7)))

    assert found.status == 503
    assert ("retry-after", "7") in found.headers


@pytest.mark.parametrize("error", [NotFoundError, ConflictError, CorruptError, InvalidRequestError])
def test_what_can_never_succeed_is_not_delivered_again(error):
    found = answer(raising(error(FAULT)))

    assert found.status < 500
    assert found.status not in AGAIN
    assert json.loads(found.body)["faults"] == [FAULT._asdict()]


def test_a_fault_of_ours_is_told_by_its_kind_alone():
    found = answer(raising(ValueError("a value of the caller's")))

    assert found.status == 500
    assert b"caller" not in found.body


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"path": "/elsewhere"}, 422),
        ({"method": "GET"}, 405),
        ({"body": b"x" * 1001}, 413),
        ({"body": b"{"}, 400),
        ({"headers": {"content-type": "application/json"}}, 415),
        ({"path": "/v2/health/ready", "method": "GET", "body": b""}, 200),
    ],
)
def test_other_requests_have_an_answer_of_their_own(asked, status):
    assert answer(completed, **asked).status == status


def test_in_a_sequence_a_failed_step_is_passed_on_as_it_came():
    body = text(type="dev.poorwill.step.failed", pipeline="flowers").encode()

    found = answer(completed, path=IN_A_SEQUENCE, body=body)

    assert found.status == 200
    assert decode(STRUCTURED, found.body) == decode(STRUCTURED, body)


def test_outside_a_sequence_a_failed_step_is_an_event_like_any_other():
    body = text(type="dev.poorwill.step.failed").encode()

    assert answer(raising(InvalidRequestError(FAULT)), body=body).status == 400
