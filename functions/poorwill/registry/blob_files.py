"""Blobs: put into the store from files of this machine, and looked at again there."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from poorwill.errors import NotFoundError
from poorwill.registry.keys import blob_key
from poorwill.registry.records import BlobRef
from poorwill.store.port import ObjectStore


def put_blobs(store: ObjectStore, blobs: Iterable[BlobRef], paths: Sequence[Path]) -> None:
    """Store blobs; one that is there becomes young, so that `gc` lets it be until its record is written."""
    for blob, path in zip(blobs, paths, strict=True):
        store.put(blob_key(blob.digest), path)


def keep_blobs(store: ObjectStore, blobs: Iterable[BlobRef], paths: Sequence[Path]) -> None:
    """Store again what a `gc` took that had begun before the record was there."""
    for blob, path in zip(blobs, paths, strict=True):
        if not any(store.list(blob_key(blob.digest))):
            store.put(blob_key(blob.digest), path)


def stored_digest(store: ObjectStore, digest: str) -> str:
    """Return the digest of what lies under a digest, "nothing" where nothing does."""
    found = hashlib.sha256()
    try:
        for chunk in store.stream(blob_key(digest)):
            found.update(chunk)
    except NotFoundError:
        return "nothing"
    return f"sha256:{found.hexdigest()}"
