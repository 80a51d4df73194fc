"""A version by its name, and its bytes by the light reader, verified; no listing, no index.

On a predictor's path to readiness: nothing may be imported here that the first GET does not need.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from poorwill.errors import CorruptError, Fault, NotFoundError
from poorwill.registry.external_data import MODEL_FILE, is_inside
from poorwill.registry.keys import alias_key, blob_key, version_key
from poorwill.registry.records import FORMAT, Alias, BlobRef, VersionName, VersionRecord
from poorwill.store.reader import Reader

if TYPE_CHECKING:
    from poorwill.registry.packs import PackRecord

LEAST_PACKED_BYTES, MOST_PACKED_BYTES = 1 << 20, 1 << 30
"""Of a version that may have a start pack; of another one none is made, so none is looked for.

A smaller one starts as fast without. A larger one of a single file needs no disk, and a pod may have no more than this.
"""

Get = Callable[[str], bytes]
"""An object's bytes by its key; raises NotFoundError."""

Record = TypeVar("Record", bound=msgspec.Struct)


class Fetched(NamedTuple):
    """A version's record and its verified bytes; what is more than one file lies in a folder of its own."""

    record: VersionRecord
    model: bytes  # b"" where a start pack stands for it
    folder: str  # "" where the model is whole by itself
    sample: bytes | None
    verify_ns: int
    pack: "PackRecord | None" = None
    pack_words: str = ""  # why there is none; "" where none was looked for

    @contextmanager
    def source(self) -> Iterator[bytes | str]:
        """Lend what a session is made from; the folder is gone afterwards, as the session has read it."""
        if not self.folder:
            yield self.model
            return
        from shutil import rmtree

        try:
            yield f"{self.folder}/{MODEL_FILE}"
        finally:
            rmtree(self.folder)


def fetch_version(
    reader: Reader,
    name: VersionName,
    *,
    digest: str = "",
    trusted_keys: str = "",
    providers: str = "",
    pack_digests: str = "",
) -> Fetched:
    """Return a version with all its bytes.

    Args:
        reader: of the store.
        name: with a number or an alias.
        digest: that the version must have, sha256:<hex>; "" for any.
        trusted_keys: file or folder of public keys, of which one must have signed the version; "" for none.
        providers: of onnxruntime, for which a start pack may stand for the model's own bytes; "" for no pack.
        pack_digests: of the records of packs that may, where `digest` demands one of the model; joined by commas.

    Raises:
        NotFoundError: no such version or alias, or it was removed.
        DeniedError: it is not signed by a trusted key.
        CorruptError: bytes or records that are not what was stored, or another digest than the one demanded.
        UnavailableError: the store is away.
    """
    record = find_version(reader.get, name)
    if digest and digest != record.blob.digest:
        fault = Fault(record.name, "the digest that was asked for", record.blob.digest, "deploy it with its own digest")
        raise CorruptError(fault)
    if trusted_keys:
        from poorwill.registry.attestation import blob_fetch, demand_signature  # only for those who ask for it

        demand_signature(record, blob_fetch(reader.fetch), trusted_keys)
    pack, folder, words = None, "", ""
    if providers and may_be_packed(record):
        if trusted_keys:
            words = "none, as a signature covers the model alone"
        else:
            pack, folder, words = _packed(reader, record, providers, pack_digests if digest else None)
    model = b""
    if pack is None:
        model = _blob(reader, record.blob)
        folder = _folder(reader, record.external_data, model) if record.external_data else ""
    sample = _blob(reader, record.sample_request) if record.sample_request else None
    return Fetched(record, model, folder, sample, reader.verify_ns, pack, words)


def may_be_packed(record: VersionRecord) -> bool:
    """Return whether a version is of a size that a start pack is for."""
    size_bytes = sum(blob.size_bytes for blob in (record.blob, *record.external_data))
    return size_bytes >= LEAST_PACKED_BYTES and (bool(record.external_data) or size_bytes <= MOST_PACKED_BYTES)


def _packed(
    reader: Reader, record: VersionRecord, providers: str, pinned: str | None
) -> "tuple[PackRecord | None, str, str]":
    """Return a version's start pack and the folder with its files; else None, and why."""
    from poorwill.registry.packs import DAMAGED, find_pack

    pack, words = find_pack(reader, record, providers, pinned)
    if pack is None:
        return None, "", words
    try:
        return pack, _folder(reader, (pack.data,), _blob(reader, pack.graph)), ""
    except (CorruptError, NotFoundError):
        return None, "", DAMAGED
    except OSError:  # a model of one file needs no disk
        return None, "", "one that the temporary folder can't hold, so that the model itself was loaded"


def find_version(get: Get, name: VersionName) -> VersionRecord:
    """Return the record that a name means now.

    Raises:
        NotFoundError: no such version or alias, or a version that was removed.
        CorruptError: what is stored there is not that record.
    """
    version = name.version or _aliased(get, name.model, name.alias or "")
    record = read_version(get, name.model, version)
    if record.state == "removed":
        raise _unknown("a version that is kept", "one that was removed")
    return record


def read_version(get: Get, model: str, version: int) -> VersionRecord:
    """Return a record, also of a version that was removed; raises as `find_version` does."""
    try:
        data = get(version_key(model, version))
    except NotFoundError:
        raise _unknown("a version of the model", "none of that number") from None
    return decode_version(data, model, version)


def decode_version(data: bytes, model: str, version: int) -> VersionRecord:
    """Return the record of that version; raise CorruptError where the bytes are another or none."""
    record = decode_record(data, VersionRecord)
    if (record.model, record.version) != (model, version):
        raise CorruptError(Fault("version record", "its own name and number", "others", "run `poorwill verify`"))
    return record


def decode_record(data: bytes, kind: type[Record]) -> Record:
    """Return a stored record; raise CorruptError where the bytes are none, or of a later format."""
    advice = "run `poorwill verify`, or use a newer Poorwill"
    try:
        record = msgspec.json.decode(data, type=kind)
    except msgspec.MsgspecError:
        raise CorruptError(Fault("record", "a record of Poorwill", "other bytes", advice)) from None
    if getattr(record, "format", FORMAT) != FORMAT:
        raise CorruptError(Fault("record", f"format {FORMAT}", "another format", advice))
    return record


def _aliased(get: Get, model: str, alias: str) -> int:
    try:
        version = decode_record(get(alias_key(model, alias)), Alias).version
    except NotFoundError:
        version = 0
    if not version:
        raise _unknown("an alias of the model", "none of that name")
    return version


def _unknown(wanted: str, found: str) -> NotFoundError:
    return NotFoundError(
        Fault("version", wanted, found, "`poorwill models` and `poorwill versions` list what is there")
    )


def _blob(reader: Reader, blob: BlobRef) -> bytes:
    return reader.fetch(blob_key(blob.digest), blob.digest, blob.size_bytes)


def _folder(reader: Reader, external_data: tuple[BlobRef, ...], model: bytes) -> str:
    """Write a model beside its external data, where onnxruntime looks for it; only this process may read it."""
    from shutil import rmtree
    from tempfile import mkdtemp

    if not all(is_inside(blob.name) for blob in external_data):
        raise CorruptError(Fault("version record", "data files beside the model", "a path elsewhere", "push again"))
    folder = mkdtemp(prefix="poorwill-")
    try:
        for blob in external_data:
            path = f"{folder}/{blob.name}"
            os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120 - pathlib is kept off this path
            reader.save(blob_key(blob.digest), blob.digest, blob.size_bytes, path)
        with open(f"{folder}/{MODEL_FILE}", "xb") as file:  # noqa: PTH123 - as above
            file.write(model)
    except BaseException:
        rmtree(folder)
        raise
    return folder
