"""An event on its way to one subscription."""

from enum import IntEnum
from typing import NamedTuple

from poorwill.events.event import Event


class Stage(IntEnum):
    """What is being delivered; each stage has its tries for itself."""

    SUBSCRIBER = 0  # the event, to who subscribed
    REPLY = 1  # the event that was the answer, to where replies go
    DEAD_LETTER = 2  # the event that did not arrive, to the dead-letter sink


class Letter(NamedTuple):
    """One event for one subscription, as the journal has it."""

    event_id: int  # the journal's own
    subscription: str
    stage: Stage
    attempt: int  # the next try's number, from 0
    event: Event
    origin: Event | None  # of a reply: the event that is lost with it
    size_bytes: int
    is_shared: bool = True  # other subscriptions may wait for the same event


class DeadLetter(NamedTuple):
    """What is known of an event that did not arrive; the event's data is not kept."""

    time_seconds: float
    subscription: str
    id: str
    source: str
    type: str
    status: int  # of the last answer; Knative's 500 where there was none
    sink: str  # the URL that it was handed on to; empty where it was dropped
