"""What becomes of a letter after a try: the purely decided half of delivery."""

from typing import NamedTuple

from poorwill.errors import InvalidRequestError
from poorwill.events.event import Event
from poorwill.local.eventing.broker_event import TTL, entered, with_extensions
from poorwill.local.eventing.delivery_policy import Failure, Outcome, error_extensions, result, retry_seconds, url_of
from poorwill.local.eventing.letter import Letter, Stage
from poorwill.local.eventing.subscription import Place, Subscription

BROKER = "broker/"
"""What the names of Brokers' channels begin with; all others are plain channels, with neither TTL nor arrival time."""

_NO_HOPS_LEFT = 400  # what a Broker's ingress answers then


class Done(NamedTuple):
    """It arrived, and nothing follows from it."""


class Enter(NamedTuple):
    """It arrived, and this event enters a channel."""

    channel: str
    event: Event


class Forward(NamedTuple):
    """It arrived, and this event goes to the place for replies."""

    event: Event


class Retry(NamedTuple):
    """It is tried again."""

    attempt: int
    due_seconds: float


class Hand(NamedTuple):
    """It did not arrive, and this event goes to the dead-letter sink."""

    event: Event
    status: int


class Drop(NamedTuple):
    """It did not arrive, and there is nowhere else for it to go."""

    status: int


Step = Done | Enter | Forward | Retry | Hand | Drop


def next_step(
    letter: Letter,
    outcome: Outcome,
    subscription: Subscription,
    *,
    now_seconds: float,
    reply_url: str,
    has_reply_channel: bool,
) -> Step:
    """Return what follows from a try.

    Args:
        letter: what was tried.
        outcome: of the try.
        subscription: the letter's.
        now_seconds: the time.
        reply_url: of the channel or place that replies go to; empty where there is none.
        has_reply_channel: whether replies enter a channel, and it is there.
    """
    came = result(outcome, subscription.delivery, is_broker=subscription.is_broker, now_seconds=now_seconds)
    if isinstance(came, Failure):
        url = reply_url if letter.stage is Stage.REPLY else _target_url(letter, subscription)
        return _failed(letter, came, subscription, now_seconds, url)
    if came is None or letter.stage is not Stage.SUBSCRIBER or subscription.reply is None:
        return Done()
    reply = _with_hops_of(letter.event, came) if subscription.is_broker else came
    if not has_reply_channel:
        return Forward(reply)
    return entry_step(letter, reply, subscription, now_seconds=now_seconds, reply_url=reply_url)


def entry_step(letter: Letter, reply: Event, subscription: Subscription, *, now_seconds: float, reply_url: str) -> Step:
    """Return what follows from a reply to a letter, where there is the channel that replies enter."""
    channel = str(subscription.reply)
    try:
        return Enter(channel, entered(reply, now_seconds) if channel.startswith(BROKER) else reply)
    except InvalidRequestError:
        looped = Failure(_NO_HOPS_LEFT, is_retried=False)
        return _failed(letter, looped, subscription, now_seconds, reply_url)


def _failed(letter: Letter, failure: Failure, subscription: Subscription, now_seconds: float, url: str) -> Step:
    delivery = subscription.delivery
    wait_seconds = retry_seconds(failure, delivery, letter.attempt)
    if wait_seconds is not None:
        return Retry(letter.attempt + 1, now_seconds + wait_seconds)
    if delivery.dead_letter is None or letter.stage is Stage.DEAD_LETTER:
        return Drop(failure.status)
    event = letter.origin or letter.event
    return Hand(with_extensions(event, error_extensions(failure, url)), failure.status)


def _target_url(letter: Letter, subscription: Subscription) -> str:
    sink = subscription.delivery.dead_letter if letter.stage is Stage.DEAD_LETTER else subscription.subscriber
    return url_of(sink) if isinstance(sink, Place) else ""


def _with_hops_of(event: Event, reply: Event) -> Event:
    """Return a reply with the TTL of the event that it answers: a Broker counts it down when the reply enters."""
    hops = event.extensions.get(TTL)
    return reply if hops is None else with_extensions(reply, {TTL: hops})
