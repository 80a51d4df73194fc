"""A function of the user's own, from a folder: around the model that is served, or in its place.

The folder's `main.py` holds `predict(inputs, model)`, where it takes or gives other tensors than the model a
`SIGNATURE`, and if it likes `handle_event(event, model)` for events that are not prediction requests.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from poorwill.errors import Fault, InvalidModelError, ModelFailedError, NotFoundError, PoorwillError
from poorwill.registry.datatypes import DATATYPES
from poorwill.registry.records import Signature
from poorwill.serving.model import Model, Tensors
from poorwill.serving.predictor import EventHandler, Sample

Predict = Callable[[Tensors, Model | None], Mapping[str, Any]]
"""What a user writes: tensors by name in, tensors by name out; `model` is None where the version has none."""


class FunctionModel:
    """A user's `predict` as a model; what it returns is checked against its signature."""

    def __init__(self, predict: Predict, model: Model | None, signature: Signature) -> None:
        self.signature = signature
        self._predict = predict
        self._model = model

    def run(self, inputs: Tensors, outputs: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        """Return the named outputs of the user's function.

        Raises:
            PoorwillError: one that the function raised itself, such as InvalidRequestError.
            ModelFailedError: any other error of it, or outputs that its signature doesn't have.
        """
        try:
            found = self._predict(inputs, self._model)
        except PoorwillError:
            raise
        except Exception as error:
            raise _failed(f"{type(error).__name__} at {_where(error)}") from error
        wanted = {spec.name: spec for spec in self.signature.outputs if outputs is None or spec.name in outputs}
        if not isinstance(found, Mapping) or not wanted.keys() <= found.keys():
            raise _failed("other outputs than those of its signature")
        return {name: as_array(found[name], spec.datatype) for name, spec in wanted.items()}


def as_array(value: Any, datatype: str) -> np.ndarray:
    """Return what a function gave as an array of the datatype.

    Raises:
        ModelFailedError: it can't be one without loss.
    """
    dtype = DATATYPES[datatype].numpy
    try:
        array = np.asarray(value, dtype if datatype == "BYTES" else None)
    except ValueError as error:
        raise _failed("an output of uneven rows") from error
    if datatype == "BYTES":
        texts = [item.encode() if isinstance(item, str) else item for item in array.ravel().tolist()]
        if not all(isinstance(item, bytes) for item in texts):
            raise _failed("an output of BYTES with other elements than str and bytes")
        result = np.empty(len(texts), object)
        result[:] = texts
        return result.reshape(array.shape)
    if not np.can_cast(array.dtype, dtype, "same_kind"):
        raise _failed(f"an output of {array.dtype} for {datatype}")
    return array.astype(dtype, copy=False)


class Function:
    """A loaded function folder.

    Args:
        folder: where its main.py lies; imports beside it work.

    Raises:
        NotFoundError: no main.py there.
        InvalidModelError: main.py fails, or lacks `predict`.
    """

    def __init__(self, folder: str) -> None:
        self.path = Path(folder).resolve()
        if not (self.path / "main.py").is_file():
            found = "a folder without it" if self.path.is_dir() else "no such folder"
            raise NotFoundError(Fault("--function", "a folder with a main.py", found, "name a function's folder"))
        self.module = _load(self.path)
        predict = getattr(self.module, "predict", None)
        if not callable(predict):
            found = "no function of that name"
            raise InvalidModelError(Fault("main.py", "predict(inputs, model)", found, "write it; see the README"))
        self._predict: Predict = predict
        self.handle_event: EventHandler | None = getattr(self.module, "handle_event", None)

    def around(self, model: Model | None) -> FunctionModel:
        """Return the function as the model that is served.

        Raises:
            InvalidModelError: neither the function nor a model says what goes in and out.
        """
        signature = getattr(self.module, "SIGNATURE", None) or (model.signature if model else None)
        if not isinstance(signature, Signature):
            words = "SIGNATURE, as there is no model to take it from"
            raise InvalidModelError(Fault("main.py", words, "none", "say there what goes in and out"))
        return FunctionModel(self._predict, model, signature)

    @property
    def sample(self) -> Sample | None:
        """Return the request that warms the function up: an infer request in sample.json, or another file as it is."""
        files = sorted(self.path.glob("sample.*"))
        return Sample(files[0].read_bytes(), raw=files[0].suffix != ".json") if files else None

    @property
    def name(self) -> str:
        """Return the model name that the folder gives, where it stands for itself."""
        return self.path.name.replace("_", "-").lower()

    @property
    def digest(self) -> str:
        """Return the digest of the folder's files, names and contents."""
        total = sha256()
        for path in sorted(self.path.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                total.update(f"{path.relative_to(self.path).as_posix()}\0{path.stat().st_size}\0".encode())
                total.update(path.read_bytes())
        return f"sha256:{total.hexdigest()}"


def _load(folder: Path) -> ModuleType:
    spec = spec_from_file_location("main", folder / "main.py")
    if spec is None or spec.loader is None:
        raise InvalidModelError(Fault("main.py", "a Python file", "something else", "write one"))
    module = module_from_spec(spec)
    sys.modules["main"] = module
    sys.path.insert(0, str(folder))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        found = f"{type(error).__name__} at {_where(error)}"
        raise InvalidModelError(Fault("main.py", "a file that can be imported", found, "run it by itself")) from error
    return module


def _where(error: Exception) -> str:
    if isinstance(error, SyntaxError) and error.filename:  # which no line of a running file raised
        return f"{Path(error.filename).name}:{error.lineno}"
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "an unknown place"


def _failed(found: str) -> ModelFailedError:
    return ModelFailedError(Fault("function", "outputs that fit its signature", found, "mend the function"))
