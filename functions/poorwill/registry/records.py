"""What the registry stores: signature, version record, index and alias; frozen, with a format number each."""

from typing import Any, Literal, NamedTuple

import msgspec

FORMAT = 1


class TensorSpec(msgspec.Struct, frozen=True):
    """One input or output: `shape` holds sizes, names of dynamic axes ("batch"), or -1; None is any rank."""

    name: str
    datatype: str
    shape: tuple[int | str, ...] | None

    @property
    def sizes(self) -> tuple[int, ...]:
        """Return the shape as the protocol writes it: -1 where an axis is dynamic or the rank is free."""
        return (-1,) if self.shape is None else tuple(size if isinstance(size, int) else -1 for size in self.shape)


class Signature(msgspec.Struct, frozen=True):
    """What a model takes and gives, in the model's own order."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


class BlobRef(msgspec.Struct, frozen=True):
    """Bytes in the store, by digest; `name` is the file's path relative to the model file."""

    name: str
    digest: str  # sha256:<hex>
    size_bytes: int


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """Where a version came from, of one that a pipeline has registered."""

    key: str  # of the step that registered it, sha256:<hex>; however often it is done, it is one version
    pipeline: str
    run: str
    statement: BlobRef | None = None  # an in-toto statement, in a DSSE envelope where it is signed


class RowTiming(msgspec.Struct, frozen=True):
    """How long a run of so many rows takes: the quickest of some, with what it takes to stack and to split them."""

    rows: int
    run_ms: float


class RowTimings(msgspec.Struct, frozen=True):
    """What a timed run found: why rows of several requests may not share a run, "" where they may, and the sizes."""

    unfit: str = ""
    times: tuple[RowTiming, ...] = ()


class VersionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One version: `<model>@<version>`, written once."""

    format: int = FORMAT
    model: str
    version: int
    created: str  # RFC 3339, UTC
    state: Literal["live", "removed"] = "live"  # "removed" is the tombstone: the number is never given again
    blob: BlobRef
    external_data: tuple[BlobRef, ...] = ()
    sample_request: BlobRef | None = None  # an infer request in JSON; the warm-up
    signature: Signature
    opset: dict[str, int] = {}  # operator-set domain ("" is ai.onnx) to version
    ir_version: int = 0
    producer: str = ""
    provenance: Provenance | None = None

    @property
    def name(self) -> str:
        """Return the version's name, `digits@3`."""
        return f"{self.model}@{self.version}"

    @property
    def blobs(self) -> tuple[BlobRef, ...]:
        """Return all blobs that this record names."""
        sample = (self.sample_request,) if self.sample_request else ()
        statement = (self.provenance.statement,) if self.provenance and self.provenance.statement else ()
        return (self.blob, *self.external_data, *sample, *statement)


class Alias(msgspec.Struct, frozen=True):
    """A movable name for a version."""

    model: str
    alias: str
    version: int
    moved: str  # RFC 3339, UTC
    format: int = FORMAT


class VersionName(NamedTuple):
    """A version as people write it, `digits@3` or `digits@champion`."""

    model: str
    version: int | None
    alias: str | None


def encode_record(record: Any) -> bytes:
    """Return the record as JSON with a fixed key order, one member a line."""
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"
