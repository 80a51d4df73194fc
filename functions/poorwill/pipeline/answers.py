"""What a model says of many rows: its outputs as labels, values and probabilities, in batches."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from poorwill.errors import Fault, InvalidModelError, ModelFailedError
from poorwill.pipeline.matrix import Matrix
from poorwill.pipeline.metrics import Answers
from poorwill.pipeline.step import StepFailedError
from poorwill.registry.datatypes import DATATYPES
from poorwill.registry.onnx_session import OnnxModel, open_session
from poorwill.registry.records import TensorSpec

_BATCH_ROWS = 1024
_SUM_OFF = 1e-3  # of FP16


def model_answers(
    source: bytes | Path, matrix: Matrix, classes: NDArray[Any], *, output: str = "", where: str
) -> Answers:
    """Return a model's answers to all rows of a matrix.

    Args:
        source: the model.
        matrix: what it is asked, as its one input [rows, columns].
        classes: all values of the target, in order, which probabilities stand for.
        output: which output is beside the target; "" is the first.
        where: whose model it is, for faults.

    Raises:
        StepFailedError: the model takes something else, gives something else, or fails.
    """
    try:
        session = open_session(source if isinstance(source, bytes) else str(source))
    except InvalidModelError as error:
        raise StepFailedError(*error.faults) from None
    taken = _input(session, matrix, where)
    chosen = _output(session, output, where)
    wanted = [chosen.name, *(spec.name for spec in session.signature.outputs if spec.name != chosen.name)]
    size = next((size for size in taken.sizes[:1] if size > 0), 0) or _BATCH_ROWS
    parts = [
        _run(session, taken, matrix.features[first : first + size], wanted, size, where)
        for first in range(0, len(matrix.features), size)
    ]
    by_row = [name for name in wanted if all(name in part for part in parts)]
    if chosen.name not in by_row:
        found, advice = f"{chosen.name}, which has not one for each", "name the output that is beside the target"
        raise StepFailedError(Fault(f"{where}, output", "one value a row, or one for each class", found, advice))
    whole = {name: np.concatenate([part[name] for part in parts]) for name in by_row}
    return _read(whole, chosen.name, classes, where)


def _run(
    session: OnnxModel, taken: TensorSpec, rows: NDArray[np.float32], wanted: list[str], size: int, where: str
) -> dict[str, NDArray[Any]]:
    fixed = taken.sizes[0] > 0
    asked = np.concatenate([rows, np.zeros((size - len(rows), rows.shape[1]), rows.dtype)]) if fixed else rows
    try:
        found = session.run({taken.name: np.ascontiguousarray(asked, DATATYPES[taken.datatype].numpy)}, wanted)
    except ModelFailedError as error:
        raise StepFailedError(*(fault._replace(where=where) for fault in error.faults)) from None
    arrays = {name: np.asarray(value) for name, value in found.items()}
    return {name: value[: len(rows)] for name, value in arrays.items() if value.shape[:1] == (len(asked),)}


def _input(session: OnnxModel, matrix: Matrix, where: str) -> TensorSpec:
    inputs = session.signature.inputs
    columns = matrix.features.shape[1]
    fits = len(inputs) == 1 and inputs[0].datatype in {"FP32", "FP64"} and len(inputs[0].sizes) == 2
    if not fits or inputs[0].sizes[1] not in {-1, columns}:
        found = ", ".join(f"{spec.name} {spec.datatype} {list(spec.sizes)}" for spec in inputs)
        wanted = f"one input FP32 or FP64 [rows, {columns}]"
        raise StepFailedError(Fault(where, wanted, found, "export the model for the columns of the data"))
    return inputs[0]


def _output(session: OnnxModel, output: str, where: str) -> TensorSpec:
    outputs = {spec.name: spec for spec in session.signature.outputs}
    found = outputs.get(output) if output else session.signature.outputs[0]
    if found is None:
        names = ", ".join(outputs)
        raise StepFailedError(Fault(f"{where}, output", f"one of {names}", "another", "correct evaluate's output"))
    return found


def _read(whole: dict[str, NDArray[Any]], chosen: str, classes: NDArray[Any], where: str) -> Answers:
    values = whole[chosen]
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.dtype == object:  # BYTES
        values = np.array([element.decode(errors="replace") for element in values], np.str_)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        advice = "look at what it was trained on: a value may be missing there"
        raise StepFailedError(Fault(f"{where}, output", "finite numbers", "others", advice))
    if values.ndim == 2 and values.dtype.kind == "f":
        named = _classes(classes, values.shape[1], where)
        return Answers(named[values.argmax(axis=1)], *((values, named) if _are_probabilities(values) else ()))
    if values.ndim != 1:
        found = f"an output of {values.ndim} dimensions"
        advice = "name the output that is beside the target"
        raise StepFailedError(Fault(f"{where}, output", "one value a row, or one for each class", found, advice))
    shaped = [found for found in whole.values() if found.ndim == 2 and _are_probabilities(found)]
    if shaped and classes.dtype.kind != "f":
        return Answers(values, shaped[0], _classes(classes, shaped[0].shape[1], where))
    return Answers(values)


def _are_probabilities(found: NDArray[Any]) -> bool:
    if found.dtype.kind != "f" or found.shape[1] < 2:
        return False
    return bool(np.all(found >= 0) and np.allclose(found.sum(axis=1), 1, atol=_SUM_OFF))


def _classes(found: NDArray[Any], count: int, where: str) -> NDArray[Any]:
    """Return the classes of so many probabilities: those of the data, or 0, 1, ... where it shows not all of them."""
    if len(found) == count:
        return found
    if found.dtype.kind == "i" and len(found) < count and found[0] >= 0 and found[-1] < count:
        return np.arange(count)
    advice = "train on data that shows every class, or export one output for each"
    raise StepFailedError(Fault(f"{where}, output", f"one for each of {len(found)} classes", f"{count}", advice))
