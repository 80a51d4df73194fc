"""What a delivery's answer means: done, a reply, one more try and when, or the dead letter.

As coded in knative/eventing 1.22: pkg/kncloudevents (retries.go, event_dispatcher.go), pkg/broker/filter.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import NamedTuple

from poorwill.errors import PoorwillError
from poorwill.events.codec import BATCH, STRUCTURED, decode
from poorwill.events.event import Attribute, Event
from poorwill.local.eventing.subscription import Delivery, Place

TIMEOUT_SECONDS = 900.0
"""What one try gets where its delivery says nothing: as long as Knative's channel waits for all of its takers."""

_OK, _REDIRECTS, _SERVER_ERRORS = 200, 300, 500
_RETRIED = frozenset({404, 408, 409, 429})
_HINTING = frozenset({429, 503})  # where a Retry-After counts
_NOT_AN_EVENT = 502  # pkg/broker/filter's own status for it
_INVALID_REPLY = 400  # what the channel or Broker that a reply goes to would answer
_SEND_FAILED = 500  # what Knative writes down where there was no answer
_LONGEST_SECONDS = 2.0**63 / 1e9  # of a Go duration
_MOST_DOUBLINGS = 62
_ERROR_DATA_LETTERS = 1024
_WHOLE_SECONDS = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)


class Outcome(NamedTuple):
    """What came of one try."""

    status: int  # 0 where nothing was answered
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes = b""
    timed_out: bool = False
    why: str = ""  # there was no answer


class Failure(NamedTuple):
    """Why an event did not arrive."""

    status: int
    is_retried: bool
    wait_seconds: float = 0.0  # that the answer asks for, at least
    body: bytes = b""
    is_told: bool = True  # to the dead-letter sink


Result = Event | Failure | None
"""Of one try: a reply, a failure, or done."""


def result(outcome: Outcome, delivery: Delivery, *, is_broker: bool, now_seconds: float) -> Result:
    """Return what an answer means.

    Args:
        outcome: of the try.
        delivery: how it is tried.
        is_broker: whether it goes by the rules of a Broker's filter, or of a channel.
        now_seconds: the time, for a Retry-After that names one.
    """
    status = outcome.status
    if status == 0:
        # a Broker's filter tells what it met, but not when its own caller gave up waiting
        body = f"dispatch error: {outcome.why}".encode()
        return Failure(_SEND_FAILED, is_retried=True, body=body, is_told=not (is_broker and outcome.timed_out))
    if _OK <= status < _REDIRECTS:
        return _reply(outcome, is_broker=is_broker)
    wait_seconds = _asked_seconds(outcome, delivery, now_seconds)
    retried = status >= _SERVER_ERRORS or status in _RETRIED
    return Failure(status, retried, wait_seconds, outcome.body)


def retry_seconds(failure: Failure, delivery: Delivery, attempt: int) -> float | None:
    """Return the wait before one more try, or None where there is to be none.

    Args:
        failure: of the last try.
        delivery: how it is tried.
        attempt: which try that was, from 0.
    """
    if not failure.is_retried or attempt >= delivery.retry:
        return None
    return min(max(_backoff_seconds(delivery, attempt), failure.wait_seconds), _LONGEST_SECONDS)


def error_extensions(failure: Failure, url: str) -> dict[str, Attribute]:
    """Return the extensions by which a dead letter tells where it did not arrive, and why."""
    if not failure.is_told:
        return {}
    data = b64encode(failure.body[:_ERROR_DATA_LETTERS]).decode()[:_ERROR_DATA_LETTERS]
    return {"knativeerrordest": url, "knativeerrorcode": failure.status, "knativeerrordata": data}


def url_of(place: Place) -> str:
    """Return a place's URL as the status of its object has it."""
    return f"http://{place.host}{place.path}"


def _reply(outcome: Outcome, *, is_broker: bool) -> Result:
    media_type = outcome.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in {STRUCTURED, BATCH} and outcome.headers.get("ce-specversion", "") == "":
        unknown = is_broker and outcome.body != b""
        return Failure(_NOT_AN_EVENT, is_retried=True, is_told=False) if unknown else None
    try:
        if media_type != BATCH:
            return decode(outcome.headers, outcome.body)[1][0]
    except PoorwillError:
        pass
    if is_broker:
        return Failure(_NOT_AN_EVENT, is_retried=True, is_told=False)
    return Failure(_INVALID_REPLY, is_retried=False)


def _backoff_seconds(delivery: Delivery, attempt: int) -> float:
    match delivery.backoff_policy:
        case "exponential":
            return delivery.backoff_delay_seconds * 2.0 ** min(attempt, _MOST_DOUBLINGS)
        case "linear":
            return delivery.backoff_delay_seconds * attempt  # so the first retry waits for nothing
        case _:
            return 0.0


def _asked_seconds(outcome: Outcome, delivery: Delivery, now_seconds: float) -> float:
    longest_seconds = delivery.retry_after_max_seconds
    if not longest_seconds or outcome.status not in _HINTING:
        return 0.0
    return max(0.0, min(longest_seconds, _retry_after_seconds(outcome.headers.get("retry-after", ""), now_seconds)))


def _retry_after_seconds(text: str, now_seconds: float) -> float:
    """Return how long a Retry-After asks to wait, in seconds or until a date; 0 where it is neither (RFC 9110)."""
    if _WHOLE_SECONDS.fullmatch(text):
        return float(text)
    try:
        return parsedate_to_datetime(text).timestamp() - now_seconds if text else 0.0
    except (ValueError, OverflowError):
        return 0.0
