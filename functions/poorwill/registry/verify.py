"""Every blob against the digest that it is stored under."""

from collections.abc import Iterator
from typing import NamedTuple

from poorwill.errors import CorruptError
from poorwill.registry.blob_files import stored_digest
from poorwill.registry.index import listed_versions
from poorwill.registry.keys import version_key
from poorwill.registry.lookup import decode_version
from poorwill.registry.pack_store import Listed, listed_packs
from poorwill.registry.records import BlobRef, VersionRecord
from poorwill.store.port import ObjectStore


class Damage(NamedTuple):
    """A blob, or a record, that is not what was stored."""

    version: str  # digits@3
    part: str  # a blob's name, or "record"
    wanted: str
    found: str


class Verified(NamedTuple):
    """What was read, and what of it was bad."""

    versions: int
    blobs: int
    size_bytes: int
    damages: tuple[Damage, ...]


def verify_versions(store: ObjectStore, models: list[str]) -> Verified:
    """Read every blob of every version of the models, each blob once, and return what is not as it was stored."""
    damages: list[Damage] = []
    found: dict[str, str] = {}
    versions = size_bytes = 0
    for model in models:
        for number in listed_versions(store, model):
            try:
                record = decode_version(store.get(version_key(model, number)).data, model, number)
            except CorruptError as error:
                fault = error.faults[0]
                damages.append(Damage(f"{model}@{number}", "record", fault.wanted, fault.found))
                continue
            if record.state == "removed":
                continue
            versions += 1
            packs = tuple(listed_packs(store, record))
            blobs = (*record.blobs, *(blob for _, pack in packs if pack for blob in pack.record.blobs))
            size_bytes += sum(blob.size_bytes for blob in blobs if blob.digest not in found)
            damages += _damages(store, record, found) + _pack_damages(store, record, packs, found)
    return Verified(versions, len(found), size_bytes, tuple(damages))


def version_damages(store: ObjectStore, record: VersionRecord) -> tuple[Damage, ...]:
    """Read every blob of one version, and return what is not as it was stored."""
    return tuple(_damages(store, record, {}))


def _damages(store: ObjectStore, record: VersionRecord, known: dict[str, str]) -> list[Damage]:
    """Return the bad blobs of a version; `known` keeps what was found under each digest."""
    bad = _bad_blobs(store, record.blobs, known)
    return [Damage(record.name, blob.name, blob.digest, found) for blob, found in bad]


def _pack_damages(
    store: ObjectStore, record: VersionRecord, packs: tuple[Listed, ...], known: dict[str, str]
) -> list[Damage]:
    """Return what is bad of a version's start packs."""
    damages = []
    for key, pack in packs:
        if pack is None:
            damages.append(Damage(record.name, f"start pack, {key}", "a record of its own pack", "another"))
            continue
        bad = _bad_blobs(store, pack.record.blobs, known)
        damages += [Damage(record.name, f"start pack, {blob.name}", blob.digest, found) for blob, found in bad]
    return damages


def _bad_blobs(store: ObjectStore, blobs: tuple[BlobRef, ...], known: dict[str, str]) -> Iterator[tuple[BlobRef, str]]:
    for blob in blobs:
        if blob.digest not in known:
            known[blob.digest] = stored_digest(store, blob.digest)
        if known[blob.digest] != blob.digest:
            yield blob, known[blob.digest]
