"""What versions answered and what turned out to be true, kept in the store by model and hour, for a while."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

import msgspec

from poorwill.errors import ConflictError, PoorwillError
from poorwill.events.event import Event, EventType
from poorwill.pipeline.event_data import event_data, invalid_event
from poorwill.pipeline.keys import LIVE
from poorwill.registry.lookup import decode_record
from poorwill.registry.names import check_model_name
from poorwill.registry.records import encode_record
from poorwill.serving.sampling.sampled import SAMPLED, SampledPredictions
from poorwill.store.port import ObjectStore

Truth = str | int | float | bool | None

_HEX_DIGITS = 32
_MOST_TRUTHS = 10_000
_HOUR = timedelta(hours=1)


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """The data of `dev.poorwill.feedback.received`: what turned out to be true, by prediction."""

    model: str
    truths: dict[str, Truth | tuple[Truth, ...]]  # by the prediction's id; several where its request had several rows


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One event's data; written once."""

    format: int = 1
    time: str  # of the event; RFC 3339
    samples: SampledPredictions | None = None
    feedback: Feedback | None = None


class Live(NamedTuple):
    """What a window of time holds of one model."""

    samples: dict[int, list[SampledPredictions]]  # by version
    truths: dict[str, tuple[Truth, ...]]  # by prediction, one for each of its rows


def keep_live(store: ObjectStore, event: Event) -> str:
    """Keep an event's samples or feedback, once however often it comes; return what people call it.

    Raises:
        InvalidRequestError: it is neither, or says not when it was.
    """
    moment = moment_of(event)
    digest = sha256(f"{event.source}\0{event.id}".encode()).hexdigest()[:_HEX_DIGITS]
    if event.type == EventType.FEEDBACK_RECEIVED:
        feedback = event_data(event, Feedback)
        if not 0 < len(feedback.truths) <= _MOST_TRUTHS:
            raise invalid_event("truths", f"1 to {_MOST_TRUTHS} of them", "none, or more")
        kept, model, part = Kept(time=event.time or "", feedback=feedback), feedback.model, "truths"
        told = f"feedback on {len(feedback.truths)} predictions of {model}"
    elif event.type == EventType.PREDICTION_COMPLETED and event.extensions.get(SAMPLED) in {True, "true"}:
        samples = event_data(event, SampledPredictions)
        if samples.version < 1:
            raise invalid_event("version", "a number from 1", "another")
        kept, model, part = Kept(time=event.time or "", samples=samples), samples.model, f"v{samples.version}"
        told = f"{len(samples.predictions)} predictions of {model}@{samples.version}"
    else:
        wanted = f"{EventType.PREDICTION_COMPLETED} with the extension {SAMPLED}, or {EventType.FEEDBACK_RECEIVED}"
        raise invalid_event("type", wanted, "another")
    with suppress(ConflictError):  # it is there: this is another delivery of it
        store.put_if_absent(f"{_prefix(model)}{part}/{moment:%Y-%m-%d/%H}-{digest}.json", encode_record(kept))
    return told


def read_live(store: ObjectStore, model: str, until: datetime, hours: float) -> Live:
    """Return what a model's versions answered in the hours before a moment, and the truths that came in them.

    What a row's truth was said to be last is what counts.
    """
    since = until - timedelta(hours=hours)
    samples: dict[int, list[SampledPredictions]] = {}
    truths: list[tuple[datetime, Feedback]] = []
    for key, hour in sorted(_keys(store, model)):
        if not since - _HOUR < hour <= until:
            continue
        kept = decode_record(store.get(key).data, Kept)
        moment = _moment(kept.time)
        if not since < moment <= until:
            continue
        if kept.samples:
            samples.setdefault(kept.samples.version, []).append(kept.samples)
        if kept.feedback:
            truths.append((moment, kept.feedback))
    said: dict[str, tuple[Truth, ...]] = {}
    for _, feedback in sorted(truths, key=lambda pair: pair[0]):
        said |= {name: value if isinstance(value, tuple) else (value,) for name, value in feedback.truths.items()}
    return Live(samples, said)


def forget_live(store: ObjectStore, model: str, before: datetime) -> int:
    """Delete what was kept of the time before a moment; return how many events' data it was."""
    old = [key for key, hour in _keys(store, model) if hour < before - _HOUR]
    for key in old:
        store.delete(key)
    return len(old)


def moment_of(event: Event) -> datetime:
    """Return when an event happened; raise InvalidRequestError where it does not say."""
    try:
        return _moment(event.time or "")
    except ValueError:
        raise invalid_event("time", "when it happened, in RFC 3339", "none, or another text") from None


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError
    return found.astimezone(UTC)


def _keys(store: ObjectStore, model: str) -> Iterator[tuple[str, datetime]]:
    """Yield the keys of all that is kept of a model, with the hour that each is of."""
    for entry in store.list(_prefix(model)):
        day, _, name = entry.key.rpartition("/")
        with suppress(ValueError):  # what somebody else put there
            yield entry.key, datetime.fromisoformat(f"{day.rpartition('/')[2]}T{name[:2]}:00+00:00")


def _prefix(model: str) -> str:
    try:
        return f"{LIVE}{check_model_name(model)}/"
    except PoorwillError:
        raise invalid_event("data.model", "the name of a model", "another text") from None
