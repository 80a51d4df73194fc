"""All models in one server: each file of models/ is a session from the start on, and a request names its model.

What a model has of its own around it is a file of its name in code/, with a `predict(inputs, model)`.
"""

from collections.abc import Callable, Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np

from poorwill.errors import Fault, InvalidRequestError
from poorwill.registry.onnx_session import open_session
from poorwill.registry.records import Signature, TensorSpec
from poorwill.serving.model import Model

Predict = Callable[[Mapping[str, np.ndarray], Model], Mapping[str, np.ndarray]]

SIGNATURE = Signature(
    inputs=(TensorSpec("model", "BYTES", (1,)), TensorSpec("input", "FP32", ("batch", 4))),
    outputs=(TensorSpec("output", "FP32", ("batch", 3)),),
)
_HERE = Path(__file__).parent
_MODELS = {file.stem.encode(): open_session(str(file)) for file in sorted(_HERE.glob("models/*.onnx"))}


def _code(file: Path) -> Predict:
    spec = spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Predict = module.predict
    return found


_CODE = {file.stem.encode(): _code(file) for file in sorted(_HERE.glob("code/*.py"))}


def predict(inputs: Mapping[str, np.ndarray], model: Model | None) -> Mapping[str, np.ndarray]:  # noqa: ARG001 - it has many
    """Return what the model that is named answers."""
    name = inputs["model"][0]
    found = _MODELS.get(name)
    if found is None:
        raise InvalidRequestError(Fault("input 'model'", "the name of a model", "another", "name one of the release"))
    own = {"input": inputs["input"]}
    return _CODE[name](own, found) if name in _CODE else found.run(own)
