"""A start pack is made: the optimised graph with mapped weights, kept where it gives the same answers and gains time.

Same means bit for bit, on the sample and on inputs that are made.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

import numpy as np

from poorwill.errors import InvalidModelError, ModelFailedError
from poorwill.registry.datatypes import DATATYPES
from poorwill.registry.external_data import MODEL_FILE
from poorwill.registry.lookup import LEAST_PACKED_BYTES, fetch_version, may_be_packed
from poorwill.registry.machine import this_machine
from poorwill.registry.onnx_session import OnnxModel, open_session, save_optimised
from poorwill.registry.pack_store import Packed, keep_pack, whole_pack
from poorwill.registry.packs import DATA_FILE, PackRecord, key_of, source_of
from poorwill.registry.records import BlobRef, TensorSpec, VersionName, VersionRecord
from poorwill.registry.row_timing import time_rows
from poorwill.registry.warmup import Decode, made_inputs
from poorwill.store.port import ObjectStore
from poorwill.store.reader import Reader
from poorwill.telemetry import now

LEAST_GAIN_MS = 10.0
"""Of a session, below which a pack is not worth a second copy in the store and one more GET at a start."""

_TIMES, _ENOUGH_MS = 3, 1000.0  # what takes a second leaves no doubt
_LONGEST_RUN_MS = 100.0  # of several rows, beyond which no setting is likely to look
_SEED = 7
_LONGEST_AXIS = 3  # what dynamic axes get in made inputs: 1, 2 and 3
_BRAIN_FLOAT_SHIFT_BITS = 16

Inputs = Mapping[str, np.ndarray]


class Source(NamedTuple):
    """What a pack is made from: a version, its file with the external data beside it, and its sample's inputs."""

    record: VersionRecord
    path: Path
    sample: Inputs | None


class PackDraft(NamedTuple):
    """A pack on this machine's disk, or why none is kept."""

    record: PackRecord | None
    paths: tuple[Path, ...]
    words: str


def pack_version(store: ObjectStore, record: VersionRecord, decode: Decode) -> Packed:
    """Return a version's pack for the machine that this runs on, made and stored where it has none yet.

    Raises:
        CorruptError: the version's bytes are not what was stored.
        UnavailableError: the store is away.
    """
    digests, machine = source_of(record), this_machine()
    found = whole_pack(store, key_of(digests, machine), digests) if machine else None
    if found:
        return Packed(found, "")
    fetched = fetch_version(Reader(store.stream), VersionName(record.model, record.version, None))
    sample = decode(fetched.sample, record.signature) if fetched.sample else None
    with TemporaryDirectory(prefix="poorwill-pack-") as folder, fetched.source() as lent:
        path = Path(lent) if isinstance(lent, str) else Path(folder) / "model" / MODEL_FILE
        if isinstance(lent, bytes):
            path.parent.mkdir()
            path.write_bytes(lent)
        return keep_pack(store, make_pack(Source(record, path, sample), Path(folder) / "pack"))


def make_pack(source: Source, folder: Path) -> PackDraft:
    """Return a pack of a model for the machine that this runs on, its files in a new folder."""
    try:
        folder.mkdir()
        record = _made(source, folder)
    except _UnfitError as error:
        return PackDraft(None, (), str(error))
    except OSError as error:
        return PackDraft(None, (), f"the temporary folder can't hold one ({os.strerror(error.errno or 0).lower()})")
    return PackDraft(record, (folder / MODEL_FILE, folder / DATA_FILE), "")


class _UnfitError(Exception):
    """A model that gets no pack; the text says why, for people."""


def _made(source: Source, folder: Path) -> PackRecord:
    if not may_be_packed(source.record):
        small = source.record.blob.size_bytes < LEAST_PACKED_BYTES
        raise _UnfitError("the model starts as fast without" if small else "the model is too large for a pod's disk")
    machine = this_machine()
    if machine is None:
        raise _UnfitError("the CPU of this machine does not tell its features")
    graph, data = folder / MODEL_FILE, folder / DATA_FILE
    plain, packed = _sessions(source, graph)
    compared, run_ms = _compared(plain, packed, source)
    plain_ms, pack_ms = _timed(source, graph)
    if plain_ms - pack_ms < LEAST_GAIN_MS:
        raise _UnfitError(f"a session takes {plain_ms:.1f} ms, and {pack_ms:.1f} ms with one: too little to gain")
    return PackRecord(
        source=source_of(source.record),
        machine=machine,
        graph=_blob(graph),
        data=_blob(data),
        created=now(),
        compared=compared,
        plain_ms=round(plain_ms, 3),
        pack_ms=round(pack_ms, 3),
        run_ms=round(run_ms, 3),
        timings=time_rows(packed, source.sample, _LONGEST_RUN_MS),
    )


def _sessions(source: Source, graph: Path) -> tuple[OnnxModel, OnnxModel]:
    """Write the pack's files; return the session of the model, and that of the pack."""
    plain = open_session(str(source.path), signature=source.record.signature)
    try:
        save_optimised(str(source.path), str(graph), DATA_FILE)
        if not (graph.parent / DATA_FILE).is_file():
            raise _UnfitError("it has no weights that could be mapped")
        return plain, open_session(str(graph), signature=source.record.signature, optimised=True)
    except InvalidModelError:
        raise _UnfitError("onnxruntime can't save this model as it optimises it") from None


def _blob(path: Path) -> BlobRef:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return BlobRef(path.name, f"sha256:{digest}", path.stat().st_size)


def _compared(plain: OnnxModel, packed: OnnxModel, source: Source) -> tuple[int, float]:
    """Return how many runs gave outputs, all of them equal, and how long the quickest took."""
    took_ms = []
    for inputs in _inputs(source):
        wanted, _ = _outputs(plain, inputs)
        found, run_ms = _outputs(packed, inputs)
        if not _same(wanted, found):
            raise _UnfitError("its answers would not be the model's own, bit for bit")
        if found is not None:
            took_ms.append(run_ms)
    if not took_ms:
        raise _UnfitError("no run came to its end by which answers could be compared; push with a sample request")
    return len(took_ms), min(took_ms)


def _inputs(source: Source) -> Iterator[Inputs]:
    """Yield the sample, zeros, ones, and random inputs of one, two and three rows."""
    if source.sample is not None:
        yield source.sample
    yield made_inputs(source.record.signature, 0)
    yield made_inputs(source.record.signature, 1)
    numbers = np.random.default_rng(_SEED)
    for axis in range(1, _LONGEST_AXIS + 1):
        yield {spec.name: _drawn(spec, axis, numbers) for spec in source.record.signature.inputs}


def _drawn(spec: TensorSpec, axis: int, numbers: np.random.Generator) -> np.ndarray:
    """Return a random tensor; whole numbers are 0 or 1, as they may be indices or sizes."""
    shape = tuple(axis if size < 0 else size for size in spec.sizes)
    dtype = np.dtype(DATATYPES[spec.datatype].numpy)
    if spec.datatype == "BYTES":
        return numbers.integers(0, 10, shape).astype("S1").astype(object)
    if spec.datatype == "BF16":
        bits = numbers.standard_normal(shape).astype(np.float32).view(np.uint32)
        return (bits >> _BRAIN_FLOAT_SHIFT_BITS).astype(np.uint16)
    if dtype.kind == "f":
        return numbers.standard_normal(shape).astype(dtype)
    return numbers.integers(0, 2, shape).astype(dtype)


def _outputs(model: OnnxModel, inputs: Inputs) -> tuple[dict[str, np.ndarray] | None, float]:
    start = perf_counter()
    try:
        outputs = model.run(inputs)
    except ModelFailedError:
        return None, 0.0
    return outputs, (perf_counter() - start) * 1e3


def _same(wanted: dict[str, np.ndarray] | None, found: dict[str, np.ndarray] | None) -> bool:
    if wanted is None or found is None:
        return wanted is found
    return all(_equal(array, found[name]) for name, array in wanted.items())


def _equal(wanted: np.ndarray, found: np.ndarray) -> bool:
    if (wanted.dtype, wanted.shape) != (found.dtype, found.shape):
        return False
    if wanted.dtype == object:
        return bool(wanted.ravel().tolist() == found.ravel().tolist())
    return wanted.tobytes() == found.tobytes()  # of bits: a NaN is equal to itself, and 0.0 is not -0.0


def _timed(source: Source, graph: Path) -> tuple[float, float]:
    """Return the milliseconds of a session of the model and of the pack: the least of some, as neighbours only add."""
    plain = source.path.read_bytes() if not source.record.external_data else str(source.path)  # as a predictor has it
    plain_ms, pack_ms = [], []
    for _ in range(_TIMES):
        start = perf_counter()
        open_session(plain)
        plain_ms.append((perf_counter() - start) * 1e3)
        start = perf_counter()
        open_session(str(graph), optimised=True)
        pack_ms.append((perf_counter() - start) * 1e3)
        if sum(plain_ms) > _ENOUGH_MS:
            break
    return min(plain_ms), min(pack_ms)
