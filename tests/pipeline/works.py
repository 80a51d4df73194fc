"""Small steps with real effects on a store, a spec for them, and the events that join them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from poorwill.events.event import Event, EventType
from poorwill.pipeline import run_store
from poorwill.pipeline.artifacts import given, read_artifact
from poorwill.pipeline.perform import Shop
from poorwill.pipeline.spec_file import Pipeline, read_spec
from poorwill.pipeline.step import Made, Outcome

SPEC = """\
format: 1
pipeline: sums
model: sum
steps:
  - step: ingest
    target: total
  - step: train
    function: train.py:train
    parameters: {factor: 2}
  - step: register
"""


def write_pipeline(folder: Path, spec: str = SPEC) -> Pipeline:
    """Write a spec with what it names, and read it."""
    folder.mkdir(exist_ok=True)
    (folder / "train.py").write_text("def train(inputs, parameters, seed): ...\n")
    (folder / "pipeline.yaml").write_text(spec)
    return read_spec(folder)


def arrived(number: int = 1, event_id: str = "1", **data: Any) -> Event:
    """Return the event of data that arrived: the object's name is a number, and that is the data."""
    content = {"pipeline": "sums", "object": str(number), **data}
    return Event(
        id=event_id, source="/tests", type=EventType.DATA_ARRIVED, data=msgspec.json.encode(content), time="2026-11-28"
    )


@dataclass
class Ingest:
    """Takes the object's name for its content."""

    name: ClassVar[str] = "ingest"
    worked: list[str] = field(default_factory=list)

    def decided_by(self, work):
        return {"object": work.run.data["object"]}

    def run(self, work):
        self.worked.append(work.run.run)
        path = work.scratch / "data"
        path.write_text(work.run.data["object"])
        return Outcome((Made("data", path, "text/plain", {"rows": 1}),), {"rows": 1})


@dataclass
class Train:
    """Multiplies, and gives another model each time that it is asked: only the first may count."""

    name: ClassVar[str] = "train"
    worked: list[str] = field(default_factory=list)

    def decided_by(self, work):
        return {"data": given(work, "ingest").digest, "parameters": work.step.parameters}

    def run(self, work):
        self.worked.append(work.run.run)
        number = int(read_artifact(work.store, given(work, "ingest")))
        path = work.scratch / "model"
        path.write_text(f"{number * work.step.parameters['factor']} at try {len(self.worked)}")
        return Outcome((Made("model", path, "text/plain"),))


@dataclass
class Register:
    """Writes the model as a version of its key, as a claim would have it."""

    name: ClassVar[str] = "register"
    worked: list[str] = field(default_factory=list)

    def decided_by(self, work):
        return {"model": given(work, "train").digest}

    def run(self, work):
        self.worked.append(work.run.run)
        work.store.put(f"versions/{work.key.removeprefix('sha256:')}.json", b"{}")
        return Outcome((), {"version": 1, "digest": given(work, "train").digest})


def steps():
    """Return the three steps by name."""
    return {step.name: step for step in (Ingest(), Train(), Register())}


def shop(store, pipeline, **changes: Any) -> Shop:
    """Return a shop whose waiting takes no time."""
    return Shop(store, pipeline, sleep=lambda seconds: None)._replace(**changes)


def check_nothing_is_half_done(store) -> None:
    """Read all that any record names, and compare each step's end with the result of its key."""
    for run in run_store.list_runs(store):
        for record in run_store.find_steps(store, run.run).values():
            assert record.state == "completed"
            assert record.artifacts == run_store.find_result(store, record.key).artifacts
            for artifact in record.artifacts:
                read_artifact(store, artifact)
