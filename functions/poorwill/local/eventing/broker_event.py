"""What a Broker writes into events: how many hops they have left, and when they came (knative/eventing, pkg/broker)."""

from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from poorwill.errors import Fault, InvalidRequestError
from poorwill.events.event import Attribute, Event

TTL = "knativebrokerttl"
ARRIVAL_TIME = "knativearrivaltime"
FIRST_TTL = 255

_INT32 = (-(2**31), 2**31 - 1)


def entered(event: Event, now_seconds: float) -> Event:
    """Return an event as a Broker keeps it: one hop fewer to go, or as many as at the start, and when it came.

    Raises:
        InvalidRequestError: it has come through Brokers too often.
    """
    given = event.extensions.get(TTL)
    left = FIRST_TTL if given is None else _decremented(given)
    if left <= 0:
        loop = Fault(f"ce-{TTL}", "1 or more", "no hop left", "look for a Trigger whose replies come back to it")
        raise InvalidRequestError(loop)
    return with_extensions(event, {ARRIVAL_TIME: _timestamp(now_seconds), TTL: left})


def without_ttl(event: Event) -> Event:
    """Return an event as a Trigger's subscriber gets it."""
    extensions = {name: value for name, value in event.extensions.items() if name != TTL}
    return msgspec.structs.replace(event, extensions=extensions)


def with_extensions(event: Event, extensions: dict[str, Attribute]) -> Event:
    """Return an event with these extensions added, or in place of its own of these names."""
    return msgspec.structs.replace(event, extensions=event.extensions | extensions)


def _decremented(given: Attribute) -> int:
    """Return one less than an event's TTL, the first one where it is no number (types.ToInteger of Go's SDK)."""
    if isinstance(given, bool | bytes):
        return FIRST_TTL
    try:
        number = float(given)
    except ValueError:
        return FIRST_TTL
    return max(0, int(number) - 1) if _INT32[0] <= number <= _INT32[1] else FIRST_TTL


def _timestamp(now_seconds: float) -> str:
    seconds = int(now_seconds)
    return f"{_second(seconds)}.{int((now_seconds - seconds) * 1e6):06}Z"


@lru_cache(maxsize=1)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
