"""What a step is: what decides its result, and the work itself; everything else about it is done once, in perform."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Protocol

from poorwill.errors import Fault, PoorwillError
from poorwill.pipeline.records import Artifact, RunRecord
from poorwill.pipeline.spec import PipelineSpec, StepSpec
from poorwill.store.port import ObjectStore

Progress = Callable[[str], None]
"""Told, in a line, what a step is about."""


class StepFailedError(PoorwillError):
    """A step that can't succeed on these inputs, however often it is tried: its run has failed, and is recorded so.

    Every other error of Poorwill's that a step raises with a status of 500 or more is of the moment, and tried again.
    """

    kind, title, status, exit_code = "step-failed", "The step failed", 422, 65

    def __init__(
        self, *faults: Fault, artifacts: tuple["Made", ...] = (), facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(*faults)
        self.artifacts = artifacts  # a report, say
        self.facts = dict(facts or {})


class Made(NamedTuple):
    """A file that a step made, before it is in the store."""

    name: str
    path: Path
    media_type: str
    facts: Mapping[str, Any] = MappingProxyType({})


class Work(NamedTuple):
    """One step of one run, ready to be worked on."""

    store: ObjectStore
    spec: PipelineSpec
    step: StepSpec
    folder: Path  # of the spec: relative names in it begin there
    run: RunRecord
    inputs: Mapping[str, Artifact]  # all that earlier steps of the run gave, by name
    facts: Mapping[str, Mapping[str, Any]]  # of earlier steps, by step
    scratch: Path  # an empty folder, gone afterwards
    key: str  # of this step
    progress: Progress
    results: Mapping[str, str] = MappingProxyType({})  # keys of earlier steps, by step: the chain that provenance names


class Outcome(NamedTuple):
    """What the work led to."""

    artifacts: tuple[Made, ...] = ()
    facts: Mapping[str, Any] = MappingProxyType({})


class Step(Protocol):
    """One kind of step. Stateless: everything it needs is in its Work."""

    name: ClassVar[str]

    def decided_by(self, work: Work) -> dict[str, Any]:
        """Return what of code, environment and parameters decides the result; JSON values, inputs' digests included.

        `work.key` is empty here. Raises what `run` raises, where a file that the spec names is not there.
        """

    def run(self, work: Work) -> Outcome:
        """Do the work; called again from the start if it was killed in the middle.

        Raises:
            StepFailedError: it can't succeed.
            UnavailableError: not now.
        """
