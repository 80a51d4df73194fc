"""A model that is no ONNX file: the class whose middle is nearest, on three measures, behind the same protocol."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from poorwill.registry.records import Signature, TensorSpec
from poorwill.serving.model import Model

SIGNATURE = Signature(
    inputs=(TensorSpec("features", "FP32", ("batch", 30)),),
    outputs=(TensorSpec("label", "INT64", ("batch",)), TensorSpec("distances", "FP32", ("batch", 2))),
)
_PARAMETERS = json.loads((Path(__file__).parent / "parameters.json").read_text())
_COLUMNS = _PARAMETERS["columns"]
_MIDDLES = np.array(_PARAMETERS["middles"], np.float32)
_SPREADS = np.array(_PARAMETERS["spreads"], np.float32)


def predict(inputs: Mapping[str, np.ndarray], model: Model | None) -> Mapping[str, np.ndarray]:  # noqa: ARG001 - it has none
    """Return the label (0 malignant, 1 benign) and the distance to each class's middle, in spreads of the table."""
    steps = (inputs["features"][:, None, _COLUMNS] - _MIDDLES) / _SPREADS
    distances = np.sqrt(np.square(steps).sum(axis=2))
    return {"label": distances.argmin(axis=1).astype(np.int64), "distances": distances}
