"""Runs, results and steps' ends in a store: each written once, and whoever comes second gets what is there."""

from collections.abc import Iterator
from typing import TypeVar

import msgspec

from poorwill.errors import ConflictError, Fault, NotFoundError
from poorwill.pipeline.keys import RUNS, begun_key, is_run_name, result_key, run_key, step_record_key
from poorwill.pipeline.records import Begun, Result, RunRecord, StepRecord
from poorwill.pipeline.spec import KINDS
from poorwill.registry.keys import blob_key
from poorwill.registry.lookup import decode_record
from poorwill.registry.records import encode_record
from poorwill.store.port import ObjectStore

Record = TypeVar("Record", bound=msgspec.Struct)


def keep_run(store: ObjectStore, run: RunRecord, spec: bytes) -> RunRecord:
    """Write a run's record and the spec that it began with; return the one that is there."""
    if found := find_run(store, run.run):
        return found
    store.put(blob_key(run.spec_digest), spec)
    kept = _kept(store, run_key(run.run), run)
    if not any(store.list(blob_key(run.spec_digest))):  # a `gc` that had begun before the record was there
        store.put(blob_key(run.spec_digest), spec)
    return kept


def keep_result(store: ObjectStore, result: Result) -> Result:
    """Write a result; return the one that is there."""
    return _kept(store, result_key(result.key), result)


def keep_step(store: ObjectStore, step: StepRecord) -> StepRecord:
    """Write how a step ended; return the record that is there."""
    return _kept(store, step_record_key(step.run, step.step), step)


def tell_begun(store: ObjectStore, begun: Begun) -> None:
    """Write who is at work on a step; only for people to look at."""
    store.put(begun_key(begun.run, begun.step), encode_record(begun))


def find_run(store: ObjectStore, run: str) -> RunRecord | None:
    """Return a run's record, None where there is no such run."""
    return _found(store, run_key(run), RunRecord) if is_run_name(run) else None


def get_run(store: ObjectStore, run: str) -> RunRecord:
    """Return a run's record; raise NotFoundError where there is no such run."""
    if found := find_run(store, run):
        return found
    raise NotFoundError(Fault("run", "one that the store has", "none of that name", "`poorwill runs` lists them"))


def find_result(store: ObjectStore, key: str) -> Result | None:
    """Return the result of a step's key, None where there is none yet."""
    return _found(store, result_key(key), Result)


def find_step(store: ObjectStore, run: str, step: str) -> StepRecord | None:
    """Return how a step ended, None where it has not."""
    return _found(store, step_record_key(run, step), StepRecord)


def find_begun(store: ObjectStore, run: str, step: str) -> Begun | None:
    """Return who was last at work on a step, None where nobody was."""
    return _found(store, begun_key(run, step), Begun)


def find_steps(store: ObjectStore, run: str) -> dict[str, StepRecord]:
    """Return how the steps of a run ended, in their order, without those that have not."""
    found = {step: find_step(store, run, step) for step in KINDS}
    return {step: record for step, record in found.items() if record}


def list_runs(store: ObjectStore) -> Iterator[RunRecord]:
    """Yield all runs, in no order."""
    for entry in store.list(RUNS):
        run = entry.key.removeprefix(RUNS).partition("/")[0]
        if entry.key == run_key(run) and (record := find_run(store, run)):
            yield record


def _kept(store: ObjectStore, key: str, record: Record) -> Record:
    try:
        store.put_if_absent(key, encode_record(record))
    except ConflictError:
        return decode_record(store.get(key).data, type(record))
    return record


def _found(store: ObjectStore, key: str, kind: type[Record]) -> Record | None:
    try:
        data = store.get(key).data
    except NotFoundError:
        return None
    return decode_record(data, kind)
