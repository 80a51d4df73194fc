"""What each function of a pipeline does with an event, opened by its settings; all that can fail early fails here."""

import sys
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from poorwill.events.codec import encode_structured
from poorwill.events.event import Event, EventType
from poorwill.pipeline.function.dead_letters import keep_dead_letter
from poorwill.pipeline.function.drift import PING, open_drift
from poorwill.pipeline.function.endpoint import Handle
from poorwill.pipeline.live import keep_live
from poorwill.pipeline.names import DRIFT, FEEDBACK, KEEPER, LISTENER
from poorwill.pipeline.perform import Shop, perform
from poorwill.pipeline.spec_file import read_spec
from poorwill.pipeline.step import Progress
from poorwill.pipeline.steps import open_step
from poorwill.settings import Settings, read
from poorwill.store.location import parse_location
from poorwill.store.opening import open_store
from poorwill.telemetry import Log


class Opened(NamedTuple):
    """A function that is ready for events."""

    settings: Settings
    log: Log
    handle: Handle


def open_handle(name: str, environment: Mapping[str, str], *, wait_seconds: float = 0.0) -> Opened:
    """Return a function of a pipeline.

    Args:
        name: one of names.FUNCTIONS.
        environment: with its settings.
        wait_seconds: how long it waits where another worker has the same work in hand.

    Raises:
        PoorwillError: a setting or the spec can't be used.
    """
    settings = read(environment)
    log = Log(ratio=settings.log_ratio, function=name, revision=settings.revision)
    if name == LISTENER:
        return Opened(settings, log, _told)
    parse_location(settings.store)
    store = cache(partial(open_store, settings.store, create=True))

    if name in _KEEP:

        def keep(event: Event, progress: Progress) -> None:
            progress(f"kept: {_KEEP[name](store(), event)}")

        return Opened(settings, log, keep)
    pipeline = read_spec(Path(settings.pipeline))
    if name == DRIFT:
        return Opened(settings, log, open_drift(store, pipeline, settings.live_days))
    step = open_step(name, settings)

    def work(event: Event, progress: Progress) -> Event | None:
        if event.type in {PING, EventType.DATA_DRIFTED}:
            event = msgspec.structs.replace(event, type=EventType.DATA_ARRIVED)
        return perform(Shop(store(), pipeline), step, event, progress=progress, wait_seconds=wait_seconds).reply

    return Opened(settings, log, work)


_KEEP = {KEEPER: keep_dead_letter, FEEDBACK: keep_live}
"""Each puts an event into the store and returns what people call it there."""


def _told(event: Event, progress: Progress) -> None:  # noqa: ARG001 - a Handle
    """Print an event as a line of CloudEvents' JSON format."""
    sys.stdout.write(encode_structured(event)[1].decode() + "\n")
    sys.stdout.flush()
