"""A registry full of models: the first is pushed, all others get the very objects that their pushes would leave."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from loadtests import tail_model
from poorwill.registry.index import update_index
from poorwill.registry.keys import blob_key, version_key
from poorwill.registry.push import push_version
from poorwill.registry.records import BlobRef, VersionRecord, encode_record
from poorwill.store.opening import open_store
from poorwill.store.port import ObjectStore

AT_ONCE = 16
FURTHER = 1_000_000
"""Added to a model's number for each version but the first, it is that of the version's weights."""


def fill(url: str, models: int, versions: int, folder: Path) -> None:
    """Fill a store with so many models of so many versions each, every one of bytes of its own.

    Args:
        url: of a store that has none of them.
        models: of the long tail.
        versions: of each.
        folder: for the first one's file.
    """
    store = open_store(url, create=True)
    file = tail_model.write(folder, 1)
    pushed = push_version(store, file, tail_model.name(1)).record
    content = file.read_bytes()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(lambda number: _fill(store, pushed, content, number, versions), range(1, models + 1)):
            pass


def version_bytes(content: bytes, number: int, version: int) -> bytes:
    """Return the file of a model's version, made from that of the first model."""
    weights = tail_model.weights(number + FURTHER * (version - 1))
    return content.replace(tail_model.weights(1).tobytes(), weights.tobytes())


def _fill(store: ObjectStore, pushed: VersionRecord, content: bytes, number: int, versions: int) -> None:
    model = tail_model.name(number)
    records = list(_records(store, pushed, content, number, versions))
    for record in records:
        if record.name != pushed.name:
            store.put_if_absent(version_key(model, record.version), encode_record(record))
    update_index(store, model, records)


def _records(
    store: ObjectStore, pushed: VersionRecord, content: bytes, number: int, versions: int
) -> Iterator[VersionRecord]:
    """Yield a model's records, once their bytes are in the store."""
    for version in range(1, versions + 1):
        data = version_bytes(content, number, version)
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        store.put(blob_key(digest), data)
        blob = BlobRef(pushed.blob.name, digest, len(data))
        yield msgspec.structs.replace(pushed, model=tail_model.name(number), version=version, blob=blob)


def mirror(folder: Path, url: str) -> None:
    """Copy all objects of a store in a folder to another store."""
    source, target = open_store(str(folder)), open_store(url)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(lambda entry: target.put(entry.key, folder / entry.key), source.list("")):
            pass
