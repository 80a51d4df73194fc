"""The end of a run whose last step is the deploy function's: its record is kept where the other steps' are."""

from collections.abc import Callable, Mapping

import msgspec

from poorwill.events.event import Event
from poorwill.pipeline import run_store
from poorwill.pipeline.keys import step_key
from poorwill.pipeline.records import RunRecord, StepRecord
from poorwill.settings import read
from poorwill.store.opening import open_store
from poorwill.store.port import ObjectStore
from poorwill.telemetry import now

_FACTS = ("service", "url", "percent")


class _Deployed(msgspec.Struct, frozen=True):
    """What the deploy function's reply says, as far as a run is concerned."""

    model: str
    version: int
    service: str
    url: str
    percent: int


def open_keeper(environment: Mapping[str, str]) -> Callable[[Event, Event], None]:
    """Return what keeps the end of a run for an event and the deploy function's reply to it."""
    settings = read(environment)
    return lambda event, reply: keep_deployed(open_store(settings.store), event, reply)


def keep_deployed(store: ObjectStore, event: Event, reply: Event) -> None:
    """Write that a run has deployed what it registered; events that speak of no run change nothing.

    Raises:
        UnavailableError: the store is away, or must not be written.
    """
    name = event.extensions.get("run")
    run = run_store.find_run(store, name) if isinstance(name, str) else None
    deployed = msgspec.json.decode(reply.data or b"", type=_Deployed)
    if run is None or not _registered(store, run, deployed):
        return
    facts = {fact: getattr(deployed, fact) for fact in _FACTS}
    time = reply.time or now()
    key = step_key({"step": "deploy", "run": run.run, "version": deployed.version})
    record = StepRecord(run=run.run, step="deploy", key=key, state="completed", facts=facts, began=time, ended=time)
    run_store.keep_step(store, record)


def _registered(store: ObjectStore, run: RunRecord, deployed: _Deployed) -> bool:
    """Return whether a run registered that version: the event that says so may be anybody's."""
    record = run_store.find_step(store, run.run, "register")
    return record is not None and (run.model, record.facts.get("version")) == (deployed.model, deployed.version)
