"""What a pipeline stores: artifacts, runs and the results of steps; frozen, with a format number each."""

from typing import Any, Literal

import msgspec

FORMAT = 1

State = Literal["completed", "failed"]


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """What a step made: bytes in the store by digest, under the name that its spec gives them."""

    name: str
    digest: str  # sha256:<hex>; its bytes are a blob
    size_bytes: int
    media_type: str
    facts: dict[str, Any] = {}  # small: rows, columns, what people want to see beside the name


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """The event that a run began with; (source, id) decide which run it is."""

    source: str
    id: str
    type: str
    time: str = ""


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One passage through a pipeline; written once, when its first event is taken up."""

    format: int = FORMAT
    run: str  # <pipeline>-<16 hex of SHA-256 over source, U+0000, id>
    pipeline: str
    model: str
    spec_digest: str  # of the spec's canonical JSON, which is a blob
    origin: Origin
    data: dict[str, Any]  # of the event: where the object lies
    created: str  # RFC 3339, UTC


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was wrong, as errors.Fault has it."""

    where: str
    wanted: str
    found: str
    next: str


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a step's key led to, for every run that has the same key; written once, only for what was completed."""

    format: int = FORMAT
    key: str  # sha256:<hex> over what decides the result; see keys.step_key
    step: str
    artifacts: tuple[Artifact, ...] = ()
    facts: dict[str, Any] = {}  # a verdict, metrics, a version's number: small, for people and for the next steps
    decided_by: dict[str, Any] = {}  # what the key was made of, to prove that a later run may skip it
    run: str  # that made it first
    began: str  # RFC 3339, UTC
    ended: str


class StepRecord(msgspec.Struct, frozen=True, kw_only=True):
    """How a step of one run ended; written once."""

    format: int = FORMAT
    run: str
    step: str
    key: str
    state: State
    reused: bool = False  # the result is that of an earlier run
    artifacts: tuple[Artifact, ...] = ()
    facts: dict[str, Any] = {}
    troubles: tuple[Trouble, ...] = ()  # where it failed
    began: str
    ended: str


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """That a step is at work; overwritten by who takes it up next, and only for people to look at."""

    run: str
    step: str
    holder: str
    began: str
