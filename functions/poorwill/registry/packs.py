"""Start packs: what a version's session is made from in a fraction of the time, on one type of machine.

On a predictor's path to readiness: nothing heavy may be imported here.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

import msgspec

from poorwill.errors import NotFoundError, UnavailableError
from poorwill.registry.keys import pack_key
from poorwill.registry.machine import CPU_PROVIDER, Machine, this_machine
from poorwill.registry.records import FORMAT, BlobRef, RowTimings, VersionRecord
from poorwill.store.reader import Reader

DATA_FILE = "weights.data"
"""The weights beside the graph, as the graph names them."""
DAMAGED = "one that is damaged, so that the model itself was loaded"


class PackRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One pack: which bytes it was made from, for which machine, and what was found when it was made."""

    format: int = FORMAT
    source: tuple[str, ...]  # digests of the model and of its external data
    machine: Machine
    graph: BlobRef  # the graph as onnxruntime optimised it
    data: BlobRef  # its weights, which are mapped
    created: str  # RFC 3339, UTC
    compared: int  # runs, each of whose outputs was the model's own, bit for bit
    plain_ms: float  # to make a session of the model as it was pushed
    pack_ms: float  # to make one of the pack
    run_ms: float  # one run, when warm
    timings: RowTimings | None = None  # of several rows; None in packs that were made before there were any

    @property
    def blobs(self) -> tuple[BlobRef, BlobRef]:
        """Return all blobs that this record names."""
        return self.graph, self.data


class Found(NamedTuple):
    """A pack's record, or why there is none to use, in words for people."""

    record: PackRecord | None
    words: str


def source_of(record: VersionRecord) -> tuple[str, ...]:
    """Return the digests that make a version's session what it is."""
    return record.blob.digest, *(blob.digest for blob in record.external_data)


def digest_of(source: Iterable[str]) -> str:
    """Return the one digest, in hex, that stands for all of a source."""
    return sha256("\n".join(source).encode()).hexdigest()


def key_of(source: Iterable[str], machine: Machine) -> str:
    """Return where the record of the pack of these bytes for that machine lies."""
    return pack_key(digest_of(source), sha256(msgspec.json.encode(machine)).hexdigest())


def record_digest(data: bytes) -> str:
    """Return the digest by which a pack's record is pinned."""
    return f"sha256:{sha256(data).hexdigest()}"


def find_pack(reader: Reader, version: VersionRecord, providers: str, pinned: str | None) -> Found:
    """Return the record of the pack for this machine; nothing wrong with one is an error, as the model itself is there.

    Args:
        reader: of the store.
        version: that is to be started.
        providers: of onnxruntime, as settings have them.
        pinned: digests of records, joined by commas, of which it must have one; None for any.
    """
    if pinned == "":
        return Found(None, "none, as none is pinned beside the digest")
    machine = this_machine() if providers == CPU_PROVIDER else None
    if machine is None:
        return Found(None, "none for what this runs on")
    source = source_of(version)
    try:
        data = reader.get(key_of(source, machine))
    except (NotFoundError, UnavailableError):  # S3 denies what is not there to those who may not list
        return Found(None, "none for what this runs on")
    if pinned is not None and record_digest(data) not in pinned.split(","):
        return Found(None, "none, as the one that is there is not the pinned one")
    try:
        record = msgspec.json.decode(data, type=PackRecord)
    except msgspec.MsgspecError:
        return Found(None, DAMAGED)
    return Found(record, "") if is_pack(record, source, machine) else Found(None, DAMAGED)


def is_pack(record: PackRecord, source: tuple[str, ...], machine: Machine) -> bool:
    """Return whether a record is of a pack of these bytes for that machine, in a format that is understood."""
    return (record.format, record.source, record.machine) == (FORMAT, source, machine)
