"""One step of one run, for one event: done once, however often the event comes and wherever the last try was killed.

Whatever decides is written by put-if-absent: run, result, the step's end. The lease only saves doing work twice.
"""

import math
import os
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from poorwill.errors import FailedError, Fault, InvalidRequestError, PoorwillError, UnavailableError
from poorwill.events.event import Event
from poorwill.pipeline import run_store
from poorwill.pipeline.artifacts import are_there, keep_made, store_made
from poorwill.pipeline.chain import TAKES, begun_run, completed, failed, passed_run, skipped
from poorwill.pipeline.keys import step_key
from poorwill.pipeline.lease import Clock, Lease, take_lease
from poorwill.pipeline.records import Begun, Result, RunRecord, StepRecord, Trouble
from poorwill.pipeline.spec import KINDS
from poorwill.pipeline.spec_file import Pipeline
from poorwill.pipeline.step import Made, Progress, Step, StepFailedError, Work
from poorwill.store.port import ObjectStore
from poorwill.telemetry import now

LEASE_SECONDS = 60.0
_LONGEST_RETRY_SECONDS = 30
_WAIT_SECONDS = 0.5
_TROUBLES = 20
_TROUBLE_CHARACTERS = 600


def silent(line: str) -> None:
    """Take a line of progress that nobody wants."""


class Shop(NamedTuple):
    """Where steps are worked on."""

    store: ObjectStore
    pipeline: Pipeline
    holder: str = f"{socket.gethostname()}-{os.getpid()}"  # as people see it in a lease
    lease_seconds: float = LEASE_SECONDS
    clock: Clock = time.time
    sleep: Callable[[float], None] = time.sleep


class Performed(NamedTuple):
    """What came of an event."""

    run: RunRecord
    record: StepRecord | None  # None for a step that the spec leaves out
    reply: Event | None  # None where nothing follows


def perform(
    shop: Shop, step: Step, event: Event, *, progress: Progress = silent, wait_seconds: float = 0.0
) -> Performed:
    """Do a step for the event that calls for it, or find that it was done.

    Args:
        shop: where.
        step: the one that takes events of this type.
        event: of any delivery of it, the first or the tenth.
        progress: told what the step is about.
        wait_seconds: how long to wait for another worker that has the same work in hand.

    Raises:
        InvalidRequestError: the event is none for this step of this pipeline, and never will be.
        FailedError: it belongs to no run, or to one that has not come so far.
        UnavailableError: another worker is at it, or the store is away; the event is to be delivered again.
    """
    spec = shop.pipeline.spec
    if step.name not in {part.step for part in spec.steps}:
        return pass_by(shop, step.name, event)
    run = _run_of(shop, step.name, event)
    record = run_store.find_step(shop.store, run.run, step.name)
    if record is None:
        record = run_store.keep_step(shop.store, _ended(shop, step, run, progress, wait_seconds))
    answer = completed if record.state == "completed" else failed
    return Performed(run, record, answer(event, spec, record))


def pass_by(shop: Shop, step: str, event: Event) -> Performed:
    """Return what comes of an event at a step that the spec leaves out; raises as `perform` does."""
    run = _run_of(shop, step, event)
    return Performed(run, None, skipped(event, shop.pipeline.spec, run, step))


def _run_of(shop: Shop, step: str, event: Event) -> RunRecord:
    if event.type != TAKES[step]:
        raise InvalidRequestError(Fault("event type", TAKES[step], "another", "send it to the step that takes it"))
    if step == next(iter(KINDS)):
        return run_store.keep_run(shop.store, begun_run(event, shop.pipeline), shop.pipeline.document)
    run = run_store.find_run(shop.store, passed_run(event, shop.pipeline.spec))
    if run is None or run.pipeline != shop.pipeline.spec.pipeline:
        raise FailedError(Fault("event run", "a run of this pipeline", "none of that name", "see `poorwill runs`"))
    return run


def _ended(shop: Shop, step: Step, run: RunRecord, progress: Progress, wait_seconds: float) -> StepRecord:
    """Return how a step ends; what can't succeed ends as well."""
    began = now()
    with TemporaryDirectory(prefix="poorwill-step-") as folder:
        work = _work(shop, step, run, progress, Path(folder))
        try:
            _check_spec(shop, run)
            decided_by = {"step": step.name, **step.decided_by(work)}
            work = work._replace(key=step_key(decided_by))
            result = _result(shop, step, work, decided_by, wait_seconds)
        except PoorwillError as error:
            if error.status >= 500:
                raise
            # somebody else may have had more luck with the same key
            luck = run_store.find_result(shop.store, work.key) if work.key else None
            if luck is None:
                return _failure(shop, work, error, began)
            result = luck
    reused = result.run != run.run
    return StepRecord(
        run=run.run,
        step=step.name,
        key=work.key,
        state="completed",
        reused=reused,
        artifacts=result.artifacts,
        facts=result.facts,
        began=began if reused else result.began,
        ended=now() if reused else result.ended,
    )


def _work(shop: Shop, step: Step, run: RunRecord, progress: Progress, scratch: Path) -> Work:
    """Return the work as the store says it is; raise FailedError where the run has not come so far."""
    spec = shop.pipeline.spec
    part = next(part for part in spec.steps if part.step == step.name)
    before: dict[str, StepRecord] = {}
    for earlier in spec.steps[: spec.steps.index(part)]:
        record = run_store.find_step(shop.store, run.run, earlier.step)
        if record is None or record.state != "completed":
            found = "one that failed" if record else "one that has not ended"
            raise FailedError(Fault(f"step {earlier.step}", "one that was completed", found, "see `poorwill run show`"))
        before[earlier.step] = record
    return Work(
        store=shop.store,
        spec=spec,
        step=part,
        folder=shop.pipeline.folder,
        run=run,
        inputs={artifact.name: artifact for record in before.values() for artifact in record.artifacts},
        facts={name: record.facts for name, record in before.items()},
        scratch=scratch,
        key="",
        progress=progress,
        results={name: record.key for name, record in before.items()},
    )


def _check_spec(shop: Shop, run: RunRecord) -> None:
    if run.spec_digest != shop.pipeline.digest:
        advice = "begin a new run: send its first event with another id"
        fault = Fault("pipeline of the run", "the spec that it began with", "one that was changed since", advice)
        raise StepFailedError(fault)


def _result(shop: Shop, step: Step, work: Work, decided_by: Mapping[str, object], wait_seconds: float) -> Result:
    """Return the result of a key: what is there, or what the work leads to, by whoever is first."""
    end_seconds = shop.clock() + wait_seconds
    while True:
        result = run_store.find_result(shop.store, work.key)
        if result and are_there(shop.store, result.artifacts):
            return result
        lease = take_lease(
            shop.store, work.key, work.run.run, shop.holder, lease_seconds=shop.lease_seconds, clock=shop.clock
        )
        if isinstance(lease, Lease):
            break
        if shop.clock() >= end_seconds:
            raise _busy(lease)
        shop.sleep(_WAIT_SECONDS)
    with lease.kept():
        # it may have been finished between the look and the lease
        result = run_store.find_result(shop.store, work.key)
        if result and are_there(shop.store, result.artifacts):
            return result
        return _worked(shop, step, work, decided_by)


def _worked(shop: Shop, step: Step, work: Work, decided_by: Mapping[str, object]) -> Result:
    began = now()
    begun = Begun(run=work.run.run, step=step.name, holder=shop.holder, began=began)
    run_store.tell_begun(shop.store, begun)
    outcome = step.run(work)
    _check_names(work, outcome.artifacts)
    artifacts = store_made(shop.store, outcome.artifacts)
    mine = Result(
        key=work.key,
        step=step.name,
        artifacts=artifacts,
        facts=dict(outcome.facts),
        decided_by=dict(decided_by),
        run=work.run.run,
        began=began,
        ended=now(),
    )
    result = run_store.keep_result(shop.store, mine)
    keep_made(shop.store, outcome.artifacts, artifacts)
    return result


def _failure(shop: Shop, work: Work, error: PoorwillError, began: str) -> StepRecord:
    made = error.artifacts if isinstance(error, StepFailedError) else ()
    _check_names(work, made)
    artifacts = store_made(shop.store, made)
    record = StepRecord(
        run=work.run.run,
        step=work.step.step,
        key=work.key,
        state="failed",
        artifacts=artifacts,
        facts=error.facts if isinstance(error, StepFailedError) else {},
        troubles=tuple(
            Trouble(**{name: text[:_TROUBLE_CHARACTERS] for name, text in fault._asdict().items()})
            for fault in error.faults[:_TROUBLES]
        ),
        began=began,
        ended=now(),
    )
    record = run_store.keep_step(shop.store, record)
    keep_made(shop.store, made, artifacts)
    return record


def _check_names(work: Work, made: tuple[Made, ...]) -> None:
    """Keep each name to one step: `model`, and what lies beside it as `model.html`."""
    wrong = [file.name for file in made if file.name.partition(".")[0] != work.step.gives]
    if wrong:
        raise ValueError(f"the step {work.step.step} may only give {work.step.gives} and {work.step.gives}.*")


def _busy(left_seconds: float) -> UnavailableError:
    retry_after_seconds = min(max(1, math.ceil(left_seconds)), _LONGEST_RETRY_SECONDS)
    fault = Fault("step", "a step that nobody works on", "one that another worker has in hand", "it is tried again")
    return UnavailableError(fault, retry_after_seconds=retry_after_seconds)
