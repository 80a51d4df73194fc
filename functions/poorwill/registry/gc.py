"""Away with blobs that no record names; a blob is let be while it is young, because a push stores its record last."""

import re
from typing import NamedTuple
from uuid import uuid4

import msgspec

from poorwill.registry.index import update_index
from poorwill.registry.keys import BLOBS, MODELS, PACKS, TEMPORARY, blob_key, parse_pack_key, parse_version_key
from poorwill.registry.lookup import decode_record, decode_version
from poorwill.registry.packs import PackRecord, digest_of, source_of
from poorwill.registry.records import VersionRecord
from poorwill.store.port import Entry, ObjectStore

GRACE_SECONDS = 3600.0
"""How long a push may take, from its first blob to its record."""
_LEASES = "leases/"
"""Of pipelines; one that nobody renewed for the time of grace holds nothing any more."""
_NAMING = (
    ("runs/", re.compile(r"runs/[^/]+/(record|steps/[^/]+)\.json")),
    ("results/", re.compile(r"results/[^/]+\.json")),
)
"""Records of pipelines that name blobs; what they are besides is the pipeline's own."""


class _Named(msgspec.Struct, frozen=True):
    digest: str


class _Naming(msgspec.Struct, frozen=True):
    """What any record of a pipeline may name."""

    artifacts: tuple[_Named, ...] = ()
    spec_digest: str = ""


class Collected(NamedTuple):
    """What was deleted, and what was kept."""

    blobs: int
    size_bytes: int
    kept: int


def collect_garbage(store: ObjectStore, *, grace_seconds: float = GRACE_SECONDS) -> Collected:
    """Delete blobs that no version and no run names and that nobody touched for the time of grace.

    Writes that were cut off, leases that ran out and start packs of versions that are gone go likewise.

    A push that stores such a blob again makes it young, and looks for its blobs after its record is written; so only
    a deletion that hangs longer than a whole push between its last look and its end could take a blob that is named.

    Raises:
        CorruptError: a record can't be read, so nobody knows what it names; nothing is deleted.
    """
    oldest = _store_time(store) - grace_seconds
    blobs = list(store.list(BLOBS))  # before the records: what a later record names is young
    versions = _kept_versions(store, oldest)
    named = {blob_key(blob.digest) for record in versions for blob in record.blobs} | _named_by_runs(store)
    packs, unused = _packs(store, versions)
    named |= packs
    unnamed = [entry for entry in blobs if entry.key not in named]
    passing = (*store.list(TEMPORARY), *store.list(_LEASES), *unused)
    garbage = [entry for entry in (*unnamed, *passing) if entry.modified_seconds <= oldest]
    deleted = []
    for entry in garbage:
        if all(found.modified_seconds <= oldest for found in store.list(entry.key)):
            store.delete(entry.key)
            deleted.append(entry)
    gone = [entry for entry in deleted if entry.key.startswith(BLOBS)]
    return Collected(len(gone), sum(entry.size_bytes for entry in gone), len(blobs) - len(gone))


def _store_time(store: ObjectStore) -> float:
    """Return the time by the store's own clock, which is the one that ages are told by."""
    key = f"{TEMPORARY}{uuid4().hex}"
    store.put(key, b"")
    (entry,) = store.list(key)
    store.delete(key)
    return entry.modified_seconds


def _kept_versions(store: ObjectStore, oldest: float) -> list[VersionRecord]:
    """Return the records whose blobs are kept; a fresh tombstone's too, since a removal may step back."""
    kept: list[VersionRecord] = []
    models: dict[str, list[VersionRecord]] = {}
    for entry in store.list(MODELS):
        if version := parse_version_key(entry.key):
            record = decode_version(store.get(entry.key).data, *version)
            models.setdefault(record.model, []).append(record)
            if record.state == "live" or entry.modified_seconds > oldest:
                kept.append(record)
    for model, records in models.items():
        update_index(store, model, records)
    return kept


def _packs(store: ObjectStore, versions: list[VersionRecord]) -> tuple[set[str], list[Entry]]:
    """Return the keys of blobs that start packs of these versions name, and the records of all other packs."""
    sources = {digest_of(source_of(record)) for record in versions}
    named: set[str] = set()
    unused = []
    for entry in store.list(PACKS):
        if parse_pack_key(entry.key) not in sources:
            unused.append(entry)
            continue
        named |= {blob_key(blob.digest) for blob in decode_record(store.get(entry.key).data, PackRecord).blobs}
    return named, unused


def _named_by_runs(store: ObjectStore) -> set[str]:
    """Return the keys of blobs that the runs and results of pipelines name."""
    named: set[str] = set()
    for prefix, pattern in _NAMING:
        for entry in store.list(prefix):
            if pattern.fullmatch(entry.key):
                record = decode_record(store.get(entry.key).data, _Naming)
                digests = (*(artifact.digest for artifact in record.artifacts), record.spec_digest)
                named |= {blob_key(digest) for digest in digests if digest}
    return named
