"""What serving needs of a model, ONNX or not: a signature and `run`."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from poorwill.registry.records import Signature

Tensors = Mapping[str, np.ndarray]
"""Tensors by name; BYTES as object arrays of bytes, BF16 as uint16 (see registry.datatypes)."""


class Model(Protocol):
    """A loaded model; `run` may be called by several threads at once."""

    @property
    def signature(self) -> Signature:
        """Return what the model takes and gives."""

    def run(self, inputs: Tensors, outputs: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        """Return the named outputs (all of them for None) for one set of inputs that fit the signature.

        Raises:
            ModelFailedError: the model failed on them.
        """
