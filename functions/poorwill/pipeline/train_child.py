"""The process that a user's train function runs in: python -m poorwill.pipeline.train_child JOB.json.

It knows no store and no secret. What it makes lies in files beside the job: the model, or what went wrong.
"""

import ast
import ctypes
import importlib.util
import os
import random
import signal
import sys
import traceback
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

MODEL_FILE, TROUBLE_FILE = "model.onnx", "trouble.json"
_MESSAGE_CHARACTERS = 300
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Job(msgspec.Struct, frozen=True):
    """What is to be done."""

    file: str  # of the function
    function: str
    data: str  # an .npz with features, target and columns
    parameters: dict[str, str | int | float | bool]
    seed: int
    memory_limit_bytes: int = 0
    only_load: bool = False  # and train nothing


class Inputs:
    """What a train function gets: the rows that are not held out.

    Attributes:
        features: FP32 [rows, columns]; NaN where a value is missing.
        target: [rows]; INT64 where all are whole numbers, FP64 else, or text.
        columns: names of the features, in their order.
    """

    __slots__ = ("columns", "features", "target")

    def __init__(self, features: NDArray[np.float32], target: NDArray[Any], columns: tuple[str, ...]) -> None:
        self.features, self.target, self.columns = features, target, columns


class Trouble(msgspec.Struct, frozen=True):
    """Why there is no model; words, and where in the user's file."""

    found: str
    where: str = ""


def main(path: str) -> int:
    """Do a job; return 0 where a model was made, 1 where its trouble was written."""
    _end_with_parent()
    job_file = Path(path)
    job = msgspec.json.decode(job_file.read_bytes(), type=Job)
    trouble = _trained(job, job_file.parent / MODEL_FILE)
    if trouble is None:
        return 0
    (job_file.parent / TROUBLE_FILE).write_bytes(msgspec.json.encode(trouble))
    return 1


def _trained(job: Job, target: Path) -> Trouble | None:
    _limit(job.memory_limit_bytes)
    random.seed(job.seed)
    np.random.seed(job.seed % 2**32)  # noqa: NPY002 - what libraries draw from, where nobody gives them a generator
    try:
        train = _loaded(job)
        if not callable(train):
            return _missing(job)
        if job.only_load:
            return None
        with np.load(job.data, allow_pickle=False) as stored:
            inputs = Inputs(stored["features"], stored["target"], tuple(map(str, stored["columns"])))
        made = train(inputs, dict(job.parameters), job.seed)
        content = _content(made)
    except MemoryError as error:
        return Trouble("one that wants more memory than it may have", _told(error, job).where)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a user's function may raise anything
        return _told(error, job)
    if content is None:
        return Trouble(f"{_kind(made)} from {job.function}, no model")
    target.write_bytes(content)
    return None


def _loaded(job: Job) -> Any:
    folder = str(Path(job.file).parent)
    sys.path.insert(0, folder)  # for the modules beside it
    spec = importlib.util.spec_from_file_location("poorwill_user_train", job.file)
    assert spec is not None  # noqa: S101 - a path that ends in .py has one
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return getattr(module, job.function, None)


def _missing(job: Job) -> Trouble:
    """Return that the function is not there, with the line of the one that was probably meant."""
    tree = ast.parse(Path(job.file).read_bytes())
    lines = {node.name: node.lineno for node in tree.body if isinstance(node, ast.FunctionDef)}
    close = next(iter(get_close_matches(job.function, lines, 1)), "")
    like = f", but {close}" if close else ""
    return Trouble(f"no function {job.function} in it{like}", f"{Path(job.file).name}:{lines.get(close, 1)}")


def _content(made: Any) -> bytes | None:
    """Return a model's bytes: they may come as bytes, as a ModelProto, or as the path of a file."""
    if isinstance(made, bytes | bytearray):
        return bytes(made)
    if hasattr(made, "SerializeToString"):
        return bytes(made.SerializeToString(deterministic=True))
    if isinstance(made, str | os.PathLike) and Path(made).is_file():
        return Path(made).read_bytes()
    return None


def _kind(made: Any) -> str:
    return "nothing" if made is None else f"an object of the type {type(made).__name__}"


def _told(error: BaseException, job: Job) -> Trouble:
    words = f"{type(error).__name__}: {_message(error)}".strip().removesuffix(":")
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_users(frame.filename, job)]
    file, line = (frames[-1].filename, frames[-1].lineno) if frames else ("", None)
    if isinstance(error, SyntaxError) and error.filename and _is_users(error.filename, job):
        file, line = error.filename, error.lineno
    return Trouble(words[:_MESSAGE_CHARACTERS], f"{Path(file).name}:{line}" if line else "")


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - the class may be the user's
        return ""


def _is_users(filename: str, job: Job) -> bool:
    return Path(filename).is_relative_to(Path(job.file).parent)


def _end_with_parent() -> None:
    """Have the kernel kill this process when the thread that started it is gone, however that was killed itself."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit(memory_limit_bytes: int) -> None:
    if memory_limit_bytes:
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        limit = memory_limit_bytes if most == resource.RLIM_INFINITY else min(memory_limit_bytes, most)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
