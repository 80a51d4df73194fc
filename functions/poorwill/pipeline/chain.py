"""Which event each step takes and which it gives; each type is of one step, so that no Trigger feeds a step its own."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from poorwill.events.event import Event, EventType
from poorwill.events.payload import JSON
from poorwill.events.reply import reply_to
from poorwill.pipeline.event_data import event_data, invalid_event
from poorwill.pipeline.keys import is_run_name, run_name
from poorwill.pipeline.records import Artifact, Origin, RunRecord, StepRecord
from poorwill.pipeline.spec import KINDS, Deploy, PipelineSpec
from poorwill.pipeline.spec_file import Pipeline
from poorwill.telemetry import now

COMPLETED: Mapping[str, EventType] = {
    "ingest": EventType.DATA_INGESTED,
    "validate": EventType.DATA_VALIDATED,
    "train": EventType.MODEL_TRAINED,
    "evaluate": EventType.MODEL_EVALUATED,
    "register": EventType.MODEL_REGISTERED,
    "deploy": EventType.MODEL_DEPLOYED,
}
"""The type of a step's reply."""
TAKES: Mapping[str, EventType] = dict(zip(KINDS, (EventType.DATA_ARRIVED, *COMPLETED.values()), strict=False))
"""The type of the event that a step takes up."""

LIMIT_BYTES = 60_000
"""Of an event's data: what is bigger lies in the store."""


_Named = TypeVar("_Named", "_Arrived", "_Passed")


class _Arrived(msgspec.Struct, frozen=True):
    """The data of `dev.poorwill.data.arrived`."""

    pipeline: str
    object: str


class _Passed(msgspec.Struct, frozen=True):
    """The data of an event between two steps, as far as a step reads it: everything else is in the store."""

    pipeline: str
    run: str


def step_for(event_type: str) -> str | None:
    """Return the step that takes up an event of a type, None where no step does."""
    return next((step for step, taken in TAKES.items() if taken == event_type), None)


def begun_run(event: Event, pipeline: Pipeline) -> RunRecord:
    """Return the run that an event begins.

    Raises:
        InvalidRequestError: it names no object, or another pipeline.
    """
    arrived = _of_pipeline(event, _Arrived, pipeline.spec)
    if not arrived.object:
        raise invalid_event("object", "the key of an object", "an empty one")
    return RunRecord(
        run=run_name(pipeline.spec.pipeline, event.source, event.id),
        pipeline=pipeline.spec.pipeline,
        model=pipeline.spec.model,
        spec_digest=pipeline.digest,
        origin=Origin(source=event.source, id=event.id, type=event.type, time=event.time or ""),
        data=msgspec.json.decode(event.data or b""),
        created=now(),
    )


def first_event(run: RunRecord) -> Event:
    """Return the event that a run began with, as far as its record tells: enough to go on with it."""
    return Event(
        id=run.origin.id,
        source=run.origin.source,
        type=run.origin.type,
        time=run.origin.time or None,
        datacontenttype=JSON,
        extensions={"pipeline": run.pipeline},
        data=msgspec.json.encode(run.data),
    )


def passed_run(event: Event, spec: PipelineSpec) -> str:
    """Return the name of the run that an event between two steps belongs to; raises as `begun_run` does."""
    passed = _of_pipeline(event, _Passed, spec)
    if not is_run_name(passed.run):
        raise invalid_event("run", "the name of a run", "something else")
    return passed.run


def completed(event: Event, spec: PipelineSpec, record: StepRecord) -> Event:
    """Return the reply of a step that was completed."""
    data: dict[str, Any] = {"artifacts": _references(record.artifacts), "facts": record.facts, "reused": record.reused}
    if record.step == "register":
        deploy = next((step for step in spec.steps if isinstance(step, Deploy)), None)
        data |= {name: record.facts[name] for name in ("version", "digest") if name in record.facts}
        data |= {"model": spec.model, "percent": deploy.percent if deploy else 0}
    return _reply(event, COMPLETED[record.step], record, spec.pipeline, data)


def failed(event: Event, spec: PipelineSpec, record: StepRecord) -> Event:
    """Return the reply of a step that failed."""
    data = {
        "artifacts": _references(record.artifacts),
        "facts": record.facts,
        "troubles": msgspec.to_builtins(record.troubles),
    }
    return _reply(event, EventType.STEP_FAILED, record, spec.pipeline, data)


def skipped(event: Event, spec: PipelineSpec, run: RunRecord, step: str) -> Event | None:
    """Return the reply of a step that the spec leaves out; None where no later one waits for it."""
    order = list(KINDS)
    if not any(order.index(later.step) > order.index(step) for later in spec.steps):
        return None
    record = StepRecord(run=run.run, step=step, key="", state="completed", began=run.created, ended=run.created)
    return _reply(event, COMPLETED[step], record, spec.pipeline, {"artifacts": [], "facts": {}, "skipped": True})


def _reply(event: Event, reply_type: EventType, record: StepRecord, pipeline: str, data: dict[str, Any]) -> Event:
    head = {"pipeline": pipeline, "run": record.run, "step": record.step}
    content = msgspec.json.encode(head | data)
    if len(content) > LIMIT_BYTES:  # the record in the store has it all
        data |= {"facts": {}, "artifacts": []} | ({"troubles": data["troubles"][:3]} if "troubles" in data else {})
        content = msgspec.json.encode(head | data)
    reply = reply_to(
        event,
        type=reply_type,
        source=f"/pipelines/{pipeline}/steps/{record.step}",
        data=content,
        subject=record.run,
        time=record.ended,
    )
    return msgspec.structs.replace(reply, extensions=reply.extensions | {"pipeline": pipeline, "run": record.run})


def _references(artifacts: tuple[Artifact, ...]) -> list[dict[str, str]]:
    return [{"name": artifact.name, "digest": artifact.digest} for artifact in artifacts]


def _of_pipeline(event: Event, kind: type[_Named], spec: PipelineSpec) -> _Named:
    found = event_data(event, kind)
    if found.pipeline != spec.pipeline:
        raise invalid_event("pipeline", f"the pipeline of this function, {spec.pipeline}", "another")
    return found
