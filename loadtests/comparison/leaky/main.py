"""Code around a model that leaks: every request leaves so much behind, until a limit ends the process."""

from collections.abc import Mapping

import numpy as np

from poorwill.serving.model import Model

_LEFT_BYTES = 8 << 20
_left: list[np.ndarray] = []


def predict(inputs: Mapping[str, np.ndarray], model: Model | None) -> Mapping[str, np.ndarray]:
    """Return what the model answers."""
    assert model is not None, "it is around one"
    _left.append(np.ones(_LEFT_BYTES, np.uint8))
    return model.run(inputs)
