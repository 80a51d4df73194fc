"""A run's data, as the steps after ingest take it from the store."""

from pathlib import Path
from typing import Any

from msgspec import to_builtins

from poorwill.pipeline.artifacts import given, save_artifact
from poorwill.pipeline.profile import Profile, learn
from poorwill.pipeline.spec import Ingest, PipelineSpec
from poorwill.pipeline.step import Work
from poorwill.pipeline.table import Source, Table, open_table

_LAYOUT = ("format", "delimiter", "encoding", "target")


def ingest_of(spec: PipelineSpec) -> Ingest:
    """Return the ingest step of a spec that was read: it has one wherever a step takes data."""
    return next(step for step in spec.steps if isinstance(step, Ingest))


def layout_of(spec: PipelineSpec) -> dict[str, Any]:
    """Return what decides how data is read."""
    ingest = to_builtins(ingest_of(spec))
    return {name: ingest[name] for name in _LAYOUT}


def data_decided_by(work: Work) -> dict[str, Any]:
    """Return what of its data decides a step's result: the bytes, and how they are read."""
    return {"data": given(work, "ingest").digest, "layout": layout_of(work.spec)}


def open_data(work: Work) -> Table:
    """Return the data of a run, copied to the step's scratch folder."""
    artifact, path = given(work, "ingest"), work.scratch / "data"
    if not path.exists():
        save_artifact(work.store, artifact, path)
    return open_table(Source(path, ingest_of(work.spec), data_name(work)))


def data_name(work: Work) -> str:
    """Return what people call a run's data: the object that its event named."""
    return str(work.run.data.get("object", "data"))


def learn_file(spec: PipelineSpec, path: Path) -> Profile:
    """Return what a file of a pipeline's format looks like; `poorwill pipeline learn` writes it beside the spec.

    Raises:
        StepFailedError: it can't be read so.
    """
    return learn(open_table(Source(path, ingest_of(spec), path.name)))
