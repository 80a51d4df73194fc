"""The step that trains: the user's function in a process of its own, with all that can be fixed about it fixed."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import IO, Any, ClassVar

import msgspec
import numpy as np

from poorwill.errors import Fault, InvalidModelError
from poorwill.pipeline.data import data_decided_by, open_data
from poorwill.pipeline.environment import NOT_FIXED, environment, processor
from poorwill.pipeline.matrix import read_matrix
from poorwill.pipeline.spec import Train
from poorwill.pipeline.step import Made, Outcome, Progress, StepFailedError, Work
from poorwill.pipeline.train_child import MODEL_FILE, TROUBLE_FILE, Job, Trouble

MEDIA_TYPE = "application/onnx"
_ADVICE = "correct it; it is called train(inputs, parameters, seed) and returns an ONNX model"
_ONE_FILE = "give it whole: onnx.load_model, then SerializeToString"
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_LINE_CHARACTERS, _LINE_BYTES = 200, 4096
_ROUNDS = 10  # of ending what is left


class TrainStep:
    """Calls train(inputs, parameters, seed) of the pipeline's folder.

    Args:
        image: that this runs in, by digest; "" where it is not known.
    """

    name: ClassVar[str] = "train"

    def __init__(self, image: str = "") -> None:
        self._image = image

    def decided_by(self, work: Work) -> dict[str, Any]:
        """Return the data, the folder's Python files, function, parameters, seed, and where it runs."""
        spec = _spec(work)
        return {
            **data_decided_by(work),
            "heldout_percent": work.spec.heldout_percent,
            "code": code_digest(work.folder),
            "function": spec.function,
            "parameters": spec.parameters,
            "seed": spec.seed,
            "environment": environment(self._image),
        }

    def run(self, work: Work) -> Outcome:
        """Train, and look whether what came is a model that can be served."""
        spec = _spec(work)
        matrix = read_matrix(open_data(work), "training", work.spec.heldout_percent)
        rows, columns = matrix.features.shape
        work.progress(f"training on {rows:,} rows of {columns} columns")
        data = work.scratch / "data.npz"
        np.savez(data, features=matrix.features, target=matrix.target, columns=np.array(matrix.columns, np.str_))
        file, _, function = spec.function.partition(":")
        job = Job(
            str(work.folder.resolve() / file), function, str(data), spec.parameters, spec.seed, spec.memory_limit_bytes
        )
        model = _made(work, job, spec)
        facts = {"rows": rows, "seed": spec.seed, **_looked_at(model, spec)}
        record = {"fixed": _fixed(job, spec), "not_fixed": list(NOT_FIXED), "processor": processor()}
        return Outcome((Made(work.step.gives, model, MEDIA_TYPE, facts),), facts | {"reproducible": record})


def code_digest(folder: Path) -> str:
    """Return the digest of all Python files of a pipeline's folder, by name and content, sha256:<hex>."""
    whole = sha256()
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):  # a .venv is environment
            whole.update(sha256(name.as_posix().encode()).digest() + sha256(path.read_bytes()).digest())
    return f"sha256:{whole.hexdigest()}"


def check_function(spec: Train, folder: Path, progress: Progress) -> None:
    """Load the function as training does, and call it not; StepFailedError, with file and line, where it can't be."""
    file, _, function = spec.function.partition(":")
    job = Job(str(folder.resolve() / file), function, "", {}, spec.seed, spec.memory_limit_bytes, only_load=True)
    with TemporaryDirectory(prefix="poorwill-train-") as place:
        job_file = Path(place) / "job.json"
        job_file.write_bytes(msgspec.json.encode(job))
        code = _ran(job_file, spec, progress)
        if code != 0:
            raise _failure(code, spec, job_file.with_name(TROUBLE_FILE))


def _spec(work: Work) -> Train:
    assert isinstance(work.step, Train)  # noqa: S101 - the step's own part of the spec
    return work.step


def _made(work: Work, job: Job, spec: Train) -> Path:
    """Return the model's file that the child made; StepFailedError where it made none."""
    folder = work.scratch / "train"
    folder.mkdir()
    job_file = folder / "job.json"
    job_file.write_bytes(msgspec.json.encode(job))
    code = _ran(job_file, spec, work.progress)
    model, trouble_file = folder / MODEL_FILE, folder / TROUBLE_FILE
    if code == 0 and model.is_file():
        return model
    raise _failure(code, spec, trouble_file)


def _failure(code: int | None, spec: Train, trouble_file: Path) -> StepFailedError:
    """Return why there is no model, from the child's exit code, None for its time, and what it has told."""
    where = f"train, {spec.function}"
    if code is None:
        advice = "make it quicker, or raise timeout_seconds"
        found = f"one that was still at it after {spec.timeout_seconds:g} seconds"
        return StepFailedError(Fault(where, "a function that returns a model", found, advice))
    if trouble_file.is_file():
        trouble = _trouble(trouble_file)
        place = f"{where}, {trouble.where}" if trouble.where else where
        return StepFailedError(Fault(place, "a function that returns a model", trouble.found, _ADVICE))
    ended = f"a process that ended by {_signal_name(-code)}" if code < 0 else f"a process that exited with {code}"
    advice = "see its own lines above; SIGKILL and SIGABRT are most often a lack of memory"
    return StepFailedError(Fault(where, "a function that returns a model", ended, advice))


def _signal_name(number: int) -> str:
    return signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"


def _trouble(file: Path) -> Trouble:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Trouble)
    except msgspec.MsgspecError:  # the function wrote there, too
        return Trouble(f"other bytes in its {TROUBLE_FILE}")


def _ran(job_file: Path, spec: Train, progress: Progress) -> int | None:
    """Run the child to its end and return its exit code; None where it had to be killed for its time."""
    command = [sys.executable, "-P", "-s", "-m", "poorwill.pipeline.train_child", str(job_file)]
    home = job_file.with_name("home")  # apart from where its model, or trouble, is written by us
    home.mkdir()
    child = subprocess.Popen(  # noqa: S603 - no shell; our own module, the user's file is its business
        command,
        cwd=home,
        env=_variables(home, spec.seed),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert child.stdout is not None  # noqa: S101 - it is a pipe
    reader = Thread(target=_tell, args=(child.stdout, progress), daemon=True)
    reader.start()
    try:
        return child.wait(spec.timeout_seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        _end(child, home)
        reader.join(1)


def _end(child: "subprocess.Popen[bytes]", home: Path) -> None:
    """Kill all that the child has started, itself included, however the wait ended."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for _ in range(_ROUNDS):
        if not (left := list(_of_home(home))):
            return
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _of_home(home: Path) -> Iterator[int]:
    """Yield the processes that left the child's group but have its HOME, which no others have; Linux tells."""
    mark = f"HOME={home}".encode()
    for variables in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark in variables.read_bytes().split(b"\0"):
                yield int(variables.parent.name)


def _tell(lines: IO[bytes], progress: Progress) -> None:
    with lines:
        # in pieces: a bar of progress may never end its line
        for line in iter(partial(lines.readline, _LINE_BYTES), b""):
            # of what was written over itself, how it was left
            shown = line.decode(errors="replace").strip().rpartition("\r")[2]
            if words := "".join(character for character in shown if character.isprintable()):
                progress(words[:_LINE_CHARACTERS])


def _variables(home: Path, seed: int) -> dict[str, str]:
    """Return all that the child's environment holds: no key, no token, nothing of whoever started this."""
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": str(seed % 2**32),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",  # what it prints is told while it works
        "ORT_DISABLE_TELEMETRY": "1",
        **dict.fromkeys(_THREADS, "1"),
    }


def _looked_at(model: Path, spec: Train) -> dict[str, Any]:
    """Return what is to be said of a model; StepFailedError where it can't be served."""
    from poorwill.registry.onnx_file import read_onnx_file
    from poorwill.registry.onnx_session import open_session
    from poorwill.registry.warmup import warm_up

    try:
        if read_onnx_file(model).external_data:
            raise StepFailedError(Fault(f"train, {spec.function}", "a model in one file", "external data", _ONE_FILE))
        session = open_session(str(model))
        warm_up(session)
    except InvalidModelError as error:
        faults = (fault._replace(where=f"train, {spec.function}: {fault.where}") for fault in error.faults)
        raise StepFailedError(*faults) from None
    return {"size_bytes": model.stat().st_size}


def _fixed(job: Job, spec: Train) -> list[str]:
    return [
        "data, by digest, and the order of its rows",
        "code, by the digest of the folder's Python files",
        "parameters",
        f"seed {spec.seed} of random, numpy and hashes",
        "one thread for OpenMP and BLAS",
        "packages, by their versions",
        "locale, time zone, environment variables",
        *([f"memory, {job.memory_limit_bytes} bytes"] if job.memory_limit_bytes else []),
    ]
