"""Every blob against the digest that it is stored under."""

import hashlib
from typing import NamedTuple

from poorwill.errors import CorruptError, NotFoundError
from poorwill.registry.index import listed_versions
from poorwill.registry.keys import blob_key, version_key
from poorwill.registry.lookup import decode_version
from poorwill.registry.records import VersionRecord
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
            size_bytes += sum(blob.size_bytes for blob in record.blobs if blob.digest not in found)
            damages += _damages(store, record, found)
    return Verified(versions, len(found), size_bytes, tuple(damages))


def version_damages(store: ObjectStore, record: VersionRecord) -> tuple[Damage, ...]:
    """Read every blob of one version, and return what is not as it was stored."""
    return tuple(_damages(store, record, {}))


def _damages(store: ObjectStore, record: VersionRecord, known: dict[str, str]) -> list[Damage]:
    """Return the bad blobs of a version; `known` keeps what was found under each digest."""
    for blob in record.blobs:
        if blob.digest not in known:
            known[blob.digest] = stored_digest(store, blob.digest)
    pairs = ((blob, known[blob.digest]) for blob in record.blobs)
    return [Damage(record.name, blob.name, blob.digest, found) for blob, found in pairs if found != blob.digest]


def stored_digest(store: ObjectStore, digest: str) -> str:
    """Return the digest of what lies under a digest, "nothing" where nothing does."""
    found = hashlib.sha256()
    try:
        for chunk in store.stream(blob_key(digest)):
            found.update(chunk)
    except NotFoundError:
        return "nothing"
    return f"sha256:{found.hexdigest()}"
