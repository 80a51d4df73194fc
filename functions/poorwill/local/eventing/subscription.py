"""Who gets which events, and how: the values that the twin's control hands to delivery, which knows no more of it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from poorwill.local.eventing.event_filter import Filter


class Place(NamedTuple):
    """Where an event goes by HTTP."""

    host: str  # with ":port" for a foreign address alone; all others are the gateway's
    path: str  # begins with /; "" where the URL has none


class Delivery(NamedTuple):
    """How often and in which rhythm one delivery is tried, and what becomes of it then."""

    retry: int = 0
    backoff_policy: str = ""  # "exponential", "linear", or "" for no wait
    backoff_delay_seconds: float = 0.0
    timeout_seconds: float = 0.0  # of one try; 0 is the dispatcher's own
    retry_after_max_seconds: float | None = None  # what of a Retry-After is waited for; None and 0 are nothing
    dead_letter: Place | None = None
    format: str = ""  # "json" and "binary"; "" is binary


class Subscription(NamedTuple):
    """One taker of a channel's events."""

    id: str  # of the Trigger its uid, of a Sequence's step uid and number: it outlives the process
    channel: str  # "broker/<namespace>/<name>/<uid>" or "sequence/<namespace>/<name>/<uid>/<step>"
    matches: Filter
    subscriber: Place
    reply: str | Place | None  # the channel that replies enter, or a place; with None they are dropped
    is_broker: bool  # an answer that is neither empty nor an event is a failure then, else the end of the chain
    delivery: Delivery = Delivery()


class Channels(NamedTuple):
    """All channels and subscriptions that there are."""

    addresses: Mapping[tuple[str, str], str] = MappingProxyType({})  # host in lower case and path: the channel
    subscriptions: tuple[Subscription, ...] = ()  # also those whose subscriber is not ready: what waits for them stays
