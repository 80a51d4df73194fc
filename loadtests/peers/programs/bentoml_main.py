"""The model under BentoML, as its documentation writes a service."""

import bentoml
import numpy as np
from onnx_answer import load, run


@bentoml.service(workers=1, logging={"access": {"enabled": False}})
class Model:
    """One served model."""

    def __init__(self) -> None:
        self.session = load()

    @bentoml.api
    def predict(self, input: np.ndarray) -> np.ndarray:  # noqa: A002 - the name is the request's
        """Answer one request."""
        return run(self.session, input.astype(np.float32))
