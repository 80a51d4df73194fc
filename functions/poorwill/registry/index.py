"""The index of a model's versions, read instead of listing a bucket; it heals from the records."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Literal

import msgspec

from poorwill.errors import ConflictError, CorruptError, NotFoundError, UnavailableError
from poorwill.registry.keys import index_key, parse_version_key, version_key, versions_prefix
from poorwill.registry.lookup import decode_record, decode_version
from poorwill.registry.records import FORMAT, VersionRecord, encode_record
from poorwill.store.port import ObjectStore

_ATTEMPTS = 50  # each lost race is another writer's success, so this many writers at once get through


class IndexEntry(msgspec.Struct, frozen=True):
    """One version, as lists show it."""

    version: int
    digest: str
    size_bytes: int
    created: str
    state: Literal["live", "removed"]


class Index(msgspec.Struct, frozen=True):
    """All versions of a model, in the order of their numbers."""

    model: str
    versions: tuple[IndexEntry, ...]
    format: int = FORMAT


def indexed_versions(store: ObjectStore, model: str) -> tuple[IndexEntry, ...]:
    """Return the versions of a model, removed ones too; from the index, and from records that it does not know yet."""
    index, _ = _read(store, model)
    if index is None:
        return completed(store, model, None, listed_versions(store, model))
    newer: list[VersionRecord] = []
    last = index.versions[-1].version if index.versions else 0
    while found := _records(store, model, [last + len(newer) + 1]):
        newer += found
    return _merged(index.versions, newer)


def completed(store: ObjectStore, model: str, index: Index | None, versions: Iterable[int]) -> tuple[IndexEntry, ...]:
    """Return what an index says, and of those of the versions that it does not know what their records say."""
    entries = index.versions if index else ()
    known = {entry.version for entry in entries}
    return _merged(entries, _records(store, model, (version for version in versions if version not in known)))


def listed_versions(store: ObjectStore, model: str) -> list[int]:
    """Return the numbers of all records of a model, removed ones too."""
    keys = (parse_version_key(entry.key) for entry in store.list(versions_prefix(model)))
    return sorted(key[1] for key in keys if key)


def update_index(store: ObjectStore, model: str, records: Iterable[VersionRecord] = ()) -> None:
    """Write these records into the index, and any that it lacks.

    It is not an error if that can't be done now: readers look past an index that lags, and the next writer mends it.
    """
    records = tuple(records)
    with suppress(UnavailableError):
        for _ in range(_ATTEMPTS):
            with suppress(ConflictError):  # another writer was quicker
                _update(store, model, records)
                return


def _update(store: ObjectStore, model: str, records: tuple[VersionRecord, ...]) -> None:
    index, etag = _read(store, model)
    entries = index.versions if index else ()
    known = {entry.version for entry in entries} | {record.version for record in records}
    lacking = [version for version in listed_versions(store, model) if version not in known]
    versions = _merged(entries, (*_records(store, model, lacking), *records))
    if index and versions == index.versions:
        return
    data = encode_record(Index(model, versions))
    if etag is None:
        store.put_if_absent(index_key(model), data)
    else:
        store.put_if_match(index_key(model), data, etag)


def _read(store: ObjectStore, model: str) -> tuple[Index | None, str | None]:
    """Return the index and its tag; None for one that is lost, or not to be read."""
    try:
        found = store.get(index_key(model))
    except NotFoundError:
        return None, None
    return decoded_index(found.data, model), found.etag


def decoded_index(data: bytes, model: str) -> Index | None:
    """Return a model's index; None for bytes that are not."""
    try:
        index = decode_record(data, Index)
    except CorruptError:
        return None
    return index if index.model == model else None


def _records(store: ObjectStore, model: str, versions: Iterable[int]) -> list[VersionRecord]:
    """Return those of the records that can be read; `verify` tells of the others."""
    records = []
    for version in versions:
        try:
            records.append(decode_version(store.get(version_key(model, version)).data, model, version))
        except (NotFoundError, CorruptError):
            continue
    return records


def _merged(entries: Iterable[IndexEntry], records: Iterable[VersionRecord]) -> tuple[IndexEntry, ...]:
    versions = {entry.version: entry for entry in entries}
    for record in records:
        blobs = sum(blob.size_bytes for blob in record.blobs)
        entry = IndexEntry(record.version, record.blob.digest, blobs, record.created, record.state)
        versions[record.version] = entry
    return tuple(versions[version] for version in sorted(versions))
