"""Whether a file is what a model's newest version was pushed from, so that nobody needs to push it again."""

import hashlib
from pathlib import Path

from poorwill.registry.records import VersionRecord

_CHUNK_BYTES = 1 << 20


def is_of(record: VersionRecord, file: Path, sample: bytes | None) -> bool:
    """Return whether a version is of this file, with the external data beside it and this sample."""
    request = record.sample_request
    if (request.digest if request else None) != (_digest(sample) if sample is not None else None):
        return False
    paths = ((record.blob, file), *((blob, file.parent / blob.name) for blob in record.external_data))
    return all(_file_digest(path, blob.size_bytes) == blob.digest for blob, path in paths)


def _file_digest(path: Path, size_bytes: int) -> str:
    """Return a file's digest; "" for one of another size, or none to read."""
    found = hashlib.sha256()
    try:
        if path.stat().st_size != size_bytes:
            return ""
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                found.update(chunk)
    except OSError:  # the push says so
        return ""
    return f"sha256:{found.hexdigest()}"


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
