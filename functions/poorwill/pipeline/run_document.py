"""What is to be seen of a run, as one document: for pages, drawings and scripts; read from the store alone."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from poorwill.pipeline import run_store
from poorwill.pipeline.records import Begun, RunRecord, StepRecord
from poorwill.registry.keys import blob_key
from poorwill.store.port import ObjectStore


def run_document(store: ObjectStore, name: str) -> dict[str, Any]:
    """Return a run with its steps as they are now; NotFoundError where there is no such run."""
    run = run_store.get_run(store, name)
    spec = msgspec.json.decode(store.get(blob_key(run.spec_digest)).data)
    return document_of(run, spec, run_store.find_steps(store, name), _begun(store, run, spec))


def document_of(
    run: RunRecord, spec: Mapping[str, Any], ended: Mapping[str, StepRecord], begun: Mapping[str, Begun]
) -> dict[str, Any]:
    """Return a run from its parts.

    Args:
        run: its record.
        spec: that it began with, as JSON.
        ended: its steps that have ended, by name.
        begun: steps that somebody took up, by name.
    """
    steps = [_step(part, ended.get(part["step"]), begun.get(part["step"])) for part in spec["steps"]]
    facts = {name: record.facts for name, record in ended.items()}
    return {
        "run": run.run,
        "pipeline": run.pipeline,
        "model": run.model,
        "state": state_of(steps),
        "created": run.created,
        "origin": msgspec.to_builtins(run.origin),
        "object": run.data.get("object", ""),
        "version": facts.get("register", {}).get("version"),
        "steps": steps,
    }


def state_of(steps: list[dict[str, Any]]) -> str:
    """Return the state of a run with these steps: failed, completed, running, or waiting."""
    states = [step["state"] for step in steps]
    if "failed" in states:
        return "failed"
    if all(state == "completed" for state in states):
        return "completed"
    return "running" if "running" in states else "waiting"


def run_summaries(store: ObjectStore) -> Iterator[dict[str, Any]]:
    """Yield all runs, the newest first: their state, and the step that they are at."""
    for run in sorted(run_store.list_runs(store), key=lambda run: (run.created, run.run), reverse=True):
        document = run_document(store, run.run)
        at = next((step["step"] for step in document["steps"] if step["state"] != "completed"), "")
        kept = ("run", "pipeline", "model", "state", "created", "object", "version")
        yield {name: document[name] for name in kept} | {"at": at}


def _begun(store: ObjectStore, run: RunRecord, spec: Mapping[str, Any]) -> dict[str, Begun]:
    names = (part["step"] for part in spec["steps"])
    found = {name: run_store.find_begun(store, run.run, name) for name in names}
    return {name: begun for name, begun in found.items() if begun}


def _step(part: Mapping[str, Any], record: StepRecord | None, begun: Begun | None) -> dict[str, Any]:
    state = record.state if record else "running" if begun else "waiting"
    gifts = [msgspec.to_builtins(artifact) for artifact in record.artifacts] if record else []
    return {
        "step": part["step"],
        "state": state,
        "reused": bool(record and record.reused),
        "seconds": _seconds(record.began, record.ended) if record else None,
        "began": record.began if record else begun.began if begun else "",
        "ended": record.ended if record else "",
        "takes": list(part.get("takes", ())),
        "gives": sorted(gifts, key=lambda gift: gift["name"] != part.get("gives")),
        "key": record.key if record else "",
        "facts": dict(record.facts) if record else {},
        "troubles": [msgspec.to_builtins(trouble) for trouble in record.troubles] if record else [],
    }


def _seconds(began: str, ended: str) -> float:
    return max(0.0, (_time(ended) - _time(began)).total_seconds())


def _time(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(UTC)
