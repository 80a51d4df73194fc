"""Start packs in a store: kept, listed; a pack's record is written once, after its blobs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from poorwill.errors import ConflictError, NotFoundError
from poorwill.registry.blob_files import keep_blobs, put_blobs, stored_digest
from poorwill.registry.keys import packs_prefix
from poorwill.registry.packs import PackRecord, digest_of, is_pack, key_of, record_digest, source_of
from poorwill.registry.records import VersionRecord, encode_record
from poorwill.store.port import ObjectStore

if TYPE_CHECKING:
    from poorwill.registry.packing import PackDraft


class KeptPack(NamedTuple):
    """A pack that a store has, and the digest by which its record is pinned."""

    digest: str
    record: PackRecord


class Packed(NamedTuple):
    """A version's pack for one machine; without one the words say why."""

    pack: KeptPack | None
    words: str


Listed = tuple[str, KeptPack | None]
"""The key of a pack's record, and the pack; None for one that is not what it should be."""


def kept_packs(store: ObjectStore, version: VersionRecord) -> tuple[KeptPack, ...]:
    """Return a version's packs, of any machine; those whose records can't be read are left out."""
    return tuple(pack for _, pack in listed_packs(store, version) if pack)


def listed_packs(store: ObjectStore, version: VersionRecord) -> Iterator[Listed]:
    """Yield what lies where a version's packs do."""
    source = source_of(version)
    for entry in sorted(store.list(packs_prefix(digest_of(source)))):
        yield entry.key, _read(store, entry.key, source)


def keep_pack(store: ObjectStore, draft: "PackDraft") -> Packed:
    """Store a pack that was made; one that is there and whole already, of the same bytes and machine, is left."""
    record = draft.record
    if record is None:
        return Packed(None, draft.words)
    key = key_of(record.source, record.machine)
    found = whole_pack(store, key, record.source)
    if found is None:
        store.delete(key)  # of one that nothing can be started from
        put_blobs(store, record.blobs, draft.paths)
        data = encode_record(record)
        try:
            store.put_if_absent(key, data)
        except ConflictError:  # another was quicker
            return Packed(_read(store, key, record.source), "")
        keep_blobs(store, record.blobs, draft.paths)
        found = KeptPack(record_digest(data), record)
    return Packed(found, "")


def whole_pack(store: ObjectStore, key: str, source: tuple[str, ...]) -> KeptPack | None:
    """Return the pack whose record has that key, None where there is none or it is not as it was stored."""
    found = _read(store, key, source)
    if found is None or any(stored_digest(store, blob.digest) != blob.digest for blob in found.record.blobs):
        return None
    return found


def _read(store: ObjectStore, key: str, source: tuple[str, ...]) -> KeptPack | None:
    try:
        data = store.get(key).data
        record = msgspec.json.decode(data, type=PackRecord)
    except (NotFoundError, msgspec.MsgspecError):
        return None
    whole = is_pack(record, source, record.machine) and key == key_of(source, record.machine)
    return KeptPack(record_digest(data), record) if whole else None
