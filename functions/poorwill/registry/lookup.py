"""A predictor's way to its version: record and bytes by the light reader, verified; no listing, no index."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

import msgspec

from poorwill.errors import CorruptError, Fault, NotFoundError
from poorwill.registry.keys import alias_key, blob_key, record_key
from poorwill.registry.records import Alias, BlobRef, VersionName, VersionRecord
from poorwill.store.reader import Reader

Record = TypeVar("Record", Alias, VersionRecord)


class Fetched(NamedTuple):
    """A version's record and its verified bytes; a model with external data lies in a folder of its own."""

    record: VersionRecord
    model: bytes
    folder: str  # "" where the model is whole by itself
    sample: bytes | None
    verify_ns: int

    @contextmanager
    def source(self) -> Iterator[bytes | str]:
        """Lend what a session is made from; the folder is gone afterwards, as the session has read it."""
        if not self.folder:
            yield self.model
            return
        from shutil import rmtree

        try:
            yield f"{self.folder}/model.onnx"
        finally:
            rmtree(self.folder)


def fetch_version(reader: Reader, name: VersionName, *, digest: str = "") -> Fetched:
    """Return a version with all its bytes.

    Args:
        reader: of the store.
        name: with a number or an alias.
        digest: that the version must have, sha256:<hex>; "" for any.

    Raises:
        NotFoundError: no such version or alias, or it was removed.
        CorruptError: bytes or records that are not what was stored, or another digest than the one demanded.
        UnavailableError: the store is away.
    """
    record = _record(reader, name)
    if digest and digest != record.blob.digest:
        raise CorruptError(Fault(record.name, digest, record.blob.digest, "deploy the version with its own digest"))
    model = _blob(reader, record.blob)
    folder = _folder(reader, record, model) if record.external_data else ""
    sample = _blob(reader, record.sample_request) if record.sample_request else None
    return Fetched(record, model, folder, sample, reader.verify_ns)


def _record(reader: Reader, name: VersionName) -> VersionRecord:
    version = name.version
    if version is None:
        version = _read(reader, alias_key(name.model, name.alias or ""), Alias, "alias", name).version
    record = _read(reader, record_key(name.model, version), VersionRecord, "version", name)
    if record.state == "removed":
        raise NotFoundError(Fault("version", f"a version of '{name.model}'", "one that was removed", "name another"))
    if (record.model, record.version) != (name.model, version):
        raise CorruptError(Fault("version record", "its own name and number", "others", "run `poorwill verify`"))
    return record


def _read(reader: Reader, key: str, kind: type[Record], what: str, name: VersionName) -> Record:
    try:
        return msgspec.json.decode(reader.get(key), type=kind)
    except NotFoundError:
        advice = f"run `poorwill versions {name.model}`"
        raise NotFoundError(Fault(what, f"one of '{name.model}' in the store", "none of that name", advice)) from None
    except msgspec.MsgspecError:
        raise CorruptError(Fault(f"{what} record", "a record of Poorwill", "other bytes", "push again")) from None


def _blob(reader: Reader, blob: BlobRef) -> bytes:
    return reader.fetch(blob_key(blob.digest), blob.digest, blob.size_bytes)


def _folder(reader: Reader, record: VersionRecord, model: bytes) -> str:
    """Write the model beside its external data, where onnxruntime looks for it; only this process may read it."""
    from tempfile import mkdtemp

    folder = mkdtemp(prefix="poorwill-")
    for blob in record.external_data:
        path = os.path.normpath(f"{folder}/{blob.name}")
        if not path.startswith(f"{folder}/"):
            raise CorruptError(Fault("version record", "data files beside the model", "a path elsewhere", "push again"))
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120 - pathlib is kept off the start's path
        reader.save(blob_key(blob.digest), blob.digest, blob.size_bytes, path)
    with open(f"{folder}/model.onnx", "xb") as file:  # noqa: PTH123 - as above
        file.write(model)
    return folder
