"""A reply's id follows from its request, and it stays in the request's trace."""

import pytest

from poorwill.errors import InvalidRequestError
from poorwill.events.event import Event, EventType
from poorwill.events.reply import reply_to

REQUEST = Event(
    id="bc",
    source="a",
    type=EventType.PREDICTION_REQUESTED,
    extensions={"traceparent": "00-1-2-01", "tracestate": "a=1", "partitionkey": "p"},
)


def reply(request=REQUEST, event_type=EventType.PREDICTION_COMPLETED):
    return reply_to(request, type=event_type, source="/models/digits", data=b"{}", time="2026-01-31T09:30:00Z")


def test_a_redelivery_is_answered_by_the_same_event():
    assert reply() == reply()


@pytest.mark.parametrize(
    "other",
    [
        Event(id="c", source="ab", type=EventType.PREDICTION_REQUESTED),
        Event(id="bc", source="b", type=EventType.PREDICTION_REQUESTED),
        Event(id="b", source="a", type=EventType.PREDICTION_REQUESTED),
    ],
)
def test_another_request_gets_another_id(other):
    assert reply(other).id != reply().id


def test_two_kinds_of_reply_to_one_request_differ():
    assert reply(event_type=EventType.STEP_FAILED).id != reply().id


def test_the_trace_is_passed_on_and_the_cause_is_named():
    assert reply().extensions == {
        "traceparent": "00-1-2-01",
        "tracestate": "a=1",
        "correlationid": "bc",
        "causationid": "bc",
    }


def test_a_correlation_that_runs_already_is_kept():
    request = Event(id="1", source="a", type="t", extensions={"correlationid": "flow", "causationid": "0"})

    assert reply(request).extensions == {"correlationid": "flow", "causationid": "1"}


def test_a_reply_of_the_requests_own_type_is_refused():
    with pytest.raises(InvalidRequestError):
        reply(event_type=EventType.PREDICTION_REQUESTED)


def test_a_reply_without_data_has_no_content_type():
    event = reply_to(REQUEST, type="t", source="/", data=None)

    assert (event.data, event.datacontenttype) == (None, None)
