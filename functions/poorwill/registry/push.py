"""From a model file to a version: inspected, run once, its blobs stored first and its record last.

A push that is cut off before its record leaves blobs that no record names, and nothing that anybody sees.
"""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from poorwill.errors import ConflictError, Fault, InvalidModelError, NotFoundError, UnavailableError
from poorwill.registry.blob_files import keep_blobs, put_blobs
from poorwill.registry.external_data import MODEL_FILE
from poorwill.registry.index import listed_versions, update_index
from poorwill.registry.keys import claim_key, version_key
from poorwill.registry.lookup import decode_record, decode_version
from poorwill.registry.names import check_model_name
from poorwill.registry.pack_store import Packed, keep_pack
from poorwill.registry.records import (
    FORMAT,
    BlobRef,
    Provenance,
    Signature,
    TensorSpec,
    VersionRecord,
    encode_record,
)
from poorwill.store.port import ObjectStore
from poorwill.telemetry import now

if TYPE_CHECKING:  # who only reads a registry waits for no numpy
    import numpy as np

    from poorwill.registry.warmup import Decode

_CHUNK_BYTES = 1 << 20
_SAMPLE_FILE, _STATEMENT_FILE = "sample.json", "statement.json"


class Sample(NamedTuple):
    """A request that warms the model up, and how to read it (serving knows the protocol, the registry does not)."""

    request: bytes
    decode: "Decode"


class Pushed(NamedTuple):
    """A version that was made, how long its first run took, and its start pack where one was asked for."""

    record: VersionRecord
    warm_up_ms: float
    packed: Packed | None = None


class Claim(NamedTuple):
    """What makes a push, however often it is done and wherever it was cut off, one version."""

    key: str  # sha256:<hex>, of all that decides the version
    pipeline: str
    run: str
    statement: bytes | None = None  # of its provenance


class _Claimed(msgspec.Struct, frozen=True):
    """Where the numbers of a model were when a claim was first made."""

    model: str
    after: int
    format: int = FORMAT


class _Draft(NamedTuple):
    """A version without its number, and its blobs on this machine's disk."""

    record: VersionRecord
    paths: tuple[Path, ...]
    warm_up_ms: float
    inputs: "Mapping[str, np.ndarray] | None"  # of the sample


def push_version(
    store: ObjectStore,
    file: Path,
    name: str,
    *,
    sample: Sample | None = None,
    claim: Claim | None = None,
    pack: bool = False,
) -> Pushed:
    """Store a model file, with the external data beside it, as the next version; with a claim, as the claim's one.

    With `pack` a start pack for this machine is tried afterwards; the version is there whatever comes of it.

    Raises:
        UsageError: the name is none that Knative can have.
        NotFoundError: the file, or one that it names, is not there.
        InvalidModelError: it is not a model that can be served, or the warm-up failed.
        InvalidRequestError: the sample does not fit the model.
        UnavailableError: the store is away.
    """
    check_model_name(name)
    with TemporaryDirectory(prefix="poorwill-push-") as folder:
        draft = _drafted(file, name, Path(folder), sample)
        if claim:
            draft = _claimed(draft, claim, Path(folder))
        put_blobs(store, draft.record.blobs, draft.paths)
        record = _recorded(store, draft.record)
        keep_blobs(store, draft.record.blobs, draft.paths)
        update_index(store, name, [record])
        packed = _packed(store, draft, Path(folder)) if pack else None
    return Pushed(record, draft.warm_up_ms, packed)


def _drafted(file: Path, name: str, folder: Path, sample: Sample | None) -> _Draft:
    """Copy all files once, hashing on the way, and inspect the copies: what was looked at is what is stored."""
    from poorwill.registry.onnx_file import read_onnx_file
    from poorwill.registry.onnx_session import open_session
    from poorwill.registry.warmup import warm_up

    place = folder / "model"
    model = _copied(file, place / MODEL_FILE, MODEL_FILE)
    facts = read_onnx_file(place / MODEL_FILE)
    _check_external(file.parent, facts.external_data)
    external = [_copied(file.parent / data, place / data, data) for data in facts.external_data]
    paths = [place / blob.name for blob in (model, *external)]
    session = open_session(str(place / MODEL_FILE))
    session.signature = _with_free_ranks(session.signature, facts.free_rank)
    inputs = sample.decode(sample.request, session.signature) if sample else None
    start = perf_counter()
    warm_up(session, inputs)
    warm_up_ms = (perf_counter() - start) * 1e3
    sample_blob = None
    if sample:
        paths.append(folder / "request")
        paths[-1].write_bytes(sample.request)
        sample_blob = BlobRef(_SAMPLE_FILE, _digest(sample.request), len(sample.request))
    record = VersionRecord(
        model=name,
        version=0,
        created=now(),
        blob=model,
        external_data=tuple(external),
        sample_request=sample_blob,
        signature=session.signature,
        opset=facts.opset,
        ir_version=facts.ir_version,
        producer=facts.producer,
    )
    return _Draft(record, tuple(paths), warm_up_ms, inputs)


def _packed(store: ObjectStore, draft: _Draft, folder: Path) -> Packed:
    from poorwill.registry.packing import Source, make_pack

    source = Source(draft.record, folder / "model" / MODEL_FILE, draft.inputs)
    try:
        return keep_pack(store, make_pack(source, folder / "pack"))
    except UnavailableError as error:  # the version is there, and needs no second push
        return Packed(None, f"the store took none: found {error.faults[0].found}; `poorwill pack` tries again")


def _claimed(draft: _Draft, claim: Claim, folder: Path) -> _Draft:
    statement, paths = None, draft.paths
    if claim.statement is not None:
        paths = (*paths, folder / "statement")
        paths[-1].write_bytes(claim.statement)
        statement = BlobRef(_STATEMENT_FILE, _digest(claim.statement), len(claim.statement))
    provenance = Provenance(key=claim.key, pipeline=claim.pipeline, run=claim.run, statement=statement)
    return draft._replace(record=msgspec.structs.replace(draft.record, provenance=provenance), paths=paths)


def _recorded(store: ObjectStore, draft: VersionRecord) -> VersionRecord:
    """Write the record under the first number that nobody has or had, and return it: the version is there.

    With a claim the search begins where the first try of it did, so that the next one meets the record that is there.
    """
    number = _first_free(store, draft)
    while True:
        number += 1
        record = msgspec.structs.replace(draft, version=number)
        try:
            store.put_if_absent(version_key(draft.model, number), encode_record(record))
        except ConflictError:
            found = _same(store, record)
            if found is None:
                continue
            return found
        return record


def _first_free(store: ObjectStore, draft: VersionRecord) -> int:
    """Return the number to begin after: the highest there is, or was when the same claim was first made."""
    highest = max(listed_versions(store, draft.model), default=0)
    if draft.provenance is None:
        return highest
    key = claim_key(draft.provenance.key)
    try:
        store.put_if_absent(key, msgspec.json.encode(_Claimed(draft.model, highest)))
    except ConflictError:
        return decode_record(store.get(key).data, _Claimed).after
    return highest


def _same(store: ObjectStore, wanted: VersionRecord) -> VersionRecord | None:
    """Return the record under a number if it was made by the same claim."""
    if wanted.provenance is None:
        return None
    found = decode_version(store.get(version_key(wanted.model, wanted.version)).data, wanted.model, wanted.version)
    return found if found.provenance and found.provenance.key == wanted.provenance.key else None


def _check_external(folder: Path, names: tuple[str, ...]) -> None:
    """Refuse links, which could bring any file of this machine into the store, and tell all that is missing."""
    links, missing = [], []
    for name in names:
        steps = [folder / name, *(folder / parent for parent in Path(name).parents if parent != Path())]
        if any(step.is_symlink() for step in steps):
            links.append(Fault("external data", "files beside the model", "a link", "put the file itself there"))
        elif not (folder / name).is_file():
            missing.append(Fault("external data", "files beside the model", "one missing", "push it from its folder"))
    if links:
        raise InvalidModelError(*links, *missing)
    if missing:
        raise NotFoundError(*missing)


def _copied(source: Path, target: Path, name: str) -> BlobRef:
    digest = hashlib.sha256()
    try:
        original = source.open("rb")
    except OSError as error:
        found = os.strerror(error.errno or 0).lower()
        raise NotFoundError(Fault("model file", "a file to read", found, "check the path")) from None
    try:
        with original:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as copy:
                while chunk := original.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    copy.write(chunk)
    except OSError as error:
        found = os.strerror(error.errno or 0).lower()
        advice = "point TMPDIR to a disk with room"
        raise UnavailableError(Fault("temporary folder", "a copy of the model", found, advice)) from None
    return BlobRef(name, f"sha256:{digest.hexdigest()}", target.stat().st_size)


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _with_free_ranks(signature: Signature, names: frozenset[str]) -> Signature:
    """Return the signature with None for the shapes that the file does not give and the session shows as a number's."""

    def freed(specs: tuple[TensorSpec, ...]) -> tuple[TensorSpec, ...]:
        return tuple(
            TensorSpec(spec.name, spec.datatype, None) if spec.name in names and not spec.shape else spec
            for spec in specs
        )

    return Signature(freed(signature.inputs), freed(signature.outputs))
