"""How peers are asked that have a JSON of their own."""

import json

import numpy as np

from loadtests.bench.running import Form

INFER = "/v2/models/{model}/infer"


def bentoml_form(_model: str) -> Form:
    """Return the form of an API with one array."""
    return Form("/predict", lambda array: _json({"input": _nested(array)}), lambda body, _: _array(json.loads(body)))


def mlflow_form(_model: str) -> Form:
    """Return the form of the scoring protocol's named tensors."""
    return Form(
        "/invocations",
        lambda array: _json({"inputs": {"input": _nested(array)}}),
        lambda body, _: _array(json.loads(body)["predictions"]["output"]),
    )


def _nested(array: np.ndarray) -> object:
    """Return nested lists, each number in the fewest digits that bring it back."""
    return [_nested(each) for each in array] if array.ndim else float(str(array[()]))


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _array(value: object) -> np.ndarray:
    return np.array(value, np.float32)
