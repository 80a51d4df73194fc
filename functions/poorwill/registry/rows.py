"""Rows of several requests in one set of tensors, and apart again; what the two cost is part of what is timed."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from poorwill.errors import Fault, ModelFailedError
from poorwill.registry.records import Signature, TensorSpec

_UNFIT_INPUTS = frozenset({"BYTES", "BF16"})  # no rows can be drawn for the one, the other is no number to numpy


def stack(parts: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Return one set of tensors with the rows of all parts, in their order; they differ in the first axis alone."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def split(outputs: Mapping[str, np.ndarray], counts: Sequence[int]) -> Iterator[dict[str, np.ndarray]]:
    """Yield each part's rows of a run's outputs.

    Raises:
        ModelFailedError: the model gave another number of rows than it took.
    """
    total = sum(counts)
    if any(array.ndim == 0 or len(array) != total for array in outputs.values()):
        found = "another number"
        raise ModelFailedError(Fault("model", "as many rows as it took", found, "set POORWILL_BATCH_ROWS to 1"))
    start = 0
    for count in counts:
        end = start + count
        yield {name: array[start:end] for name, array in outputs.items()}
        start = end


def unfit(signature: Signature) -> str:
    """Return why rows of several requests can't share a run, by the signature alone; "" where they may."""
    specs = (*signature.inputs, *signature.outputs)
    if not signature.inputs or any(not _has_rows(spec) for spec in specs):
        return "not every input and output has a first axis of free length"
    if any(spec.datatype in _UNFIT_INPUTS for spec in signature.inputs):
        return "an input is of BYTES or BF16"
    if any(spec.datatype == "BF16" for spec in signature.outputs):
        return "an output is of BF16"
    firsts = {spec.shape[0] for spec in specs if spec.shape} - {-1}
    if any(firsts & set(spec.shape[1:]) for spec in specs if spec.shape):
        return "the first axis is another axis, too"
    if len({spec.shape[0] for spec in signature.inputs if spec.shape}) > 1:
        return "the inputs' first axes are not the same one"
    return ""


def _has_rows(spec: TensorSpec) -> bool:
    return bool(spec.shape) and spec.sizes[0] < 0
