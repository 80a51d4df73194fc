"""What an answer means, by the numbers that Knative's own tests have."""

import math
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.local.eventing.delivery_policy import (
    Failure,
    Outcome,
    error_extensions,
    result,
    retry_seconds,
    url_of,
)
from poorwill.local.eventing.subscription import Delivery, Place

NOW = 1_800_000_000.0  # Fri, 15 Jan 2027 08:00:00 GMT
SERVER_ERROR = Failure(500, is_retried=True)
EVENT = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t"}


def judged(status, headers=None, body=b"", *, is_broker=True, **delivery):
    return result(Outcome(status, headers or {}, body), Delivery(**delivery), is_broker=is_broker, now_seconds=NOW)


@pytest.mark.parametrize(
    ("policy", "delay_seconds", "waits"),
    [
        ("linear", 2.5, [0, 2.5, 5, 7.5, 10, 12.5]),
        ("exponential", 1.5, [1.5, 3, 6, 12, 24, 48]),
        ("exponential", 0.5, [0.5, 1, 2, 4, 8, 16]),
        ("", 2.5, [0, 0, 0, 0, 0, 0]),
        ("linear", 0, [0, 0, 0, 0, 0, 0]),
    ],
)
def test_the_waits_grow_from_the_first_retry_on(policy, delay_seconds, waits):
    delivery = Delivery(6, policy, delay_seconds)

    assert [retry_seconds(SERVER_ERROR, delivery, attempt) for attempt in range(6)] == waits
    assert retry_seconds(SERVER_ERROR, delivery, 6) is None


@given(st.integers(0, 2**31), st.sampled_from(["", "linear", "exponential"]), st.floats(0, 1e9), st.integers(0, 2**31))
def test_a_wait_is_a_time_and_retries_end_where_they_should(retry, policy, delay_seconds, attempt):
    wait_seconds = retry_seconds(SERVER_ERROR, Delivery(retry, policy, delay_seconds), attempt)

    assert (wait_seconds is None) == (attempt >= retry)
    assert wait_seconds is None or (math.isfinite(wait_seconds) and wait_seconds >= 0)


@pytest.mark.parametrize("status", [300, 301, 400, 401, 403, 405, 413, 415, 422])
def test_an_answer_that_is_final_is_not_tried_again(status):
    assert judged(status) == Failure(status, is_retried=False)


@pytest.mark.parametrize("status", [404, 408, 409, 429, 500, 501, 502, 503, 504, 599])
def test_an_answer_that_may_change_is_tried_again(status):
    assert judged(status) == Failure(status, is_retried=True)


@pytest.mark.parametrize("is_broker", [True, False])
def test_an_event_is_a_reply(is_broker):
    assert judged(202, EVENT, is_broker=is_broker).id == "1"
    structured = b'{"specversion":"1.0","id":"2","source":"/s","type":"t"}'
    assert judged(200, {"content-type": "Application/CloudEvents+json; charset=utf-8"}, structured).id == "2"


@pytest.mark.parametrize("is_broker", [True, False])
def test_an_empty_answer_is_the_end(is_broker):
    assert judged(200, is_broker=is_broker) is None
    assert judged(200, {"ce-id": "1"}, is_broker=is_broker) is None


def test_a_broker_takes_what_is_no_event_for_a_failure_and_a_channel_for_the_end():
    unknown = Failure(502, is_retried=True, is_told=False)

    assert judged(200, {"content-type": "application/json"}, b"{}") == unknown
    assert judged(200, {"content-type": "application/json"}, b"{}", is_broker=False) is None


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"ce-specversion": "1.0", "ce-id": "1"}, b""),
        ({"content-type": "application/cloudevents+json"}, b"{"),
        ({"content-type": "application/cloudevents-batch+json"}, b"[]"),
    ],
)
def test_a_broken_reply_is_tried_again_by_a_broker_and_refused_by_a_channel(headers, body):
    assert judged(200, headers, body) == Failure(502, is_retried=True, is_told=False)
    assert judged(200, headers, body, is_broker=False) == Failure(400, is_retried=False)


@pytest.mark.parametrize(
    ("status", "text", "most_seconds", "wait_seconds"),
    [
        (429, "30", 60.0, 30.0),
        (503, "30", 60.0, 30.0),
        (503, "90", 60.0, 60.0),
        (503, "Fri, 15 Jan 2027 08:00:20 GMT", 60.0, 20.0),
        (503, "Friday, 15-Jan-27 08:00:20 GMT", 60.0, 20.0),
        (503, "Fri Jan 15 08:00:20 2027", 60.0, 20.0),
        (503, "Fri, 15 Jan 2027 07:00:00 GMT", 60.0, 0.0),
        (503, "-5", 60.0, 0.0),
        (503, "soon", 60.0, 0.0),
        (503, "٣٠", 60.0, 0.0),
        (500, "30", 60.0, 0.0),
        (503, "30", None, 0.0),
        (503, "30", 0.0, 0.0),
    ],
)
def test_retry_after_counts_where_it_was_allowed_and_up_to_there(status, text, most_seconds, wait_seconds):
    failure = judged(status, {"retry-after": text}, retry_after_max_seconds=most_seconds)

    assert failure.wait_seconds == wait_seconds
    assert retry_seconds(failure, Delivery(3, "exponential", 0.5), 1) == max(1.0, wait_seconds)


@given(st.binary(max_size=3000))
def test_a_dead_letter_quotes_the_start_of_the_answer(body):
    told = error_extensions(Failure(503, is_retried=True, body=body), "http://taker/")
    data = told["knativeerrordata"]

    assert (told["knativeerrordest"], told["knativeerrorcode"]) == ("http://taker/", 503)
    assert len(data) <= 1024
    assert b64decode(data) == body[:768]


def test_who_gave_up_waiting_and_who_read_no_event_is_not_told_by_a_broker():
    late = result(Outcome(0, timed_out=True), Delivery(), is_broker=True, now_seconds=NOW)
    lost = result(Outcome(0, why="no connection"), Delivery(), is_broker=True, now_seconds=NOW)

    assert error_extensions(late, "http://taker") == {}
    assert error_extensions(judged(200, {}, b"{}"), "http://taker") == {}
    assert b64decode(error_extensions(lost, "http://taker")["knativeerrordata"]) == b"dispatch error: no connection"


def test_a_url_has_the_path_that_it_was_given_with_and_no_other():
    assert url_of(Place("taker.default.svc.cluster.local", "")) == "http://taker.default.svc.cluster.local"
    assert url_of(Place("127.0.0.1:80", "/")) == "http://127.0.0.1:80/"
    assert url_of(Place("127.0.0.1:80", "/in?x=1")) == "http://127.0.0.1:80/in?x=1"
