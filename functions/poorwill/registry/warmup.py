"""The run before the first request: on a sample, or on inputs made from the signature."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from poorwill.errors import Fault, InvalidModelError, ModelFailedError
from poorwill.registry.datatypes import DATATYPES
from poorwill.registry.records import Signature, TensorSpec

Decode = Callable[[bytes, Signature], Mapping[str, np.ndarray]]
"""An infer request's inputs; raises InvalidRequestError where they don't fit the signature."""


class Runnable(Protocol):
    """What a warm-up needs of a model."""

    @property
    def signature(self) -> Signature:
        """Return what the model takes and gives."""

    def run(self, inputs: Mapping[str, np.ndarray], outputs: Sequence[str] | None = None) -> Mapping[str, np.ndarray]:
        """Return the outputs; raise ModelFailedError."""


def warm_up(model: Runnable, sample: Mapping[str, np.ndarray] | None = None) -> None:
    """Run the model once: on the sample, or else on zeros, and on ones where zeros fail.

    Raises:
        InvalidModelError: no run came to its end.
    """
    signature = model.signature
    tries = [sample] if sample is not None else [made_inputs(signature, 0), made_inputs(signature, 1)]
    for inputs in tries:
        try:
            model.run(inputs)
        except ModelFailedError:
            continue
        return
    if sample is not None:
        fault = Fault("warm-up", "a run on the sample request", "a failure", "give one that the model can answer")
    else:
        advice = "give a request that the model can answer: --sample request.json"
        fault = Fault("warm-up", "a run on zeros or ones, dynamic axes 1", "failures", advice)
    raise InvalidModelError(fault)


def made_inputs(signature: Signature, value: int) -> dict[str, np.ndarray]:
    """Return inputs that hold one value (0 or 1) everywhere; dynamic axes are 1, a free rank is one axis of 1."""
    return {spec.name: _tensor(spec, value) for spec in signature.inputs}


def _tensor(spec: TensorSpec, value: int) -> np.ndarray:
    shape = tuple(abs(size) if size < 0 else size for size in spec.sizes)
    row = DATATYPES[spec.datatype]
    if spec.datatype == "BYTES":
        return np.full(shape, str(value).encode(), row.numpy)
    if spec.datatype == "BF16":
        return np.full(shape, 0x3F80 * value, row.numpy)  # the bits of 1.0
    return np.full(shape, value, row.numpy)
