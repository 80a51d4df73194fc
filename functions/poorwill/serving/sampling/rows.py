"""Which values of a prediction leave the process: numbers of narrow tensors, short labels, nothing that is redacted."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

import numpy as np

from poorwill.errors import Fault, UsageError
from poorwill.registry.records import Signature, TensorSpec
from poorwill.serving.sampling.sampled import Prediction

MOST_COLUMNS = 512
"""Of all inputs together; a picture's values say nothing one by one."""
MOST_ROWS = 16
"""Of one request."""
_MOST_CLASSES = 64
_LONGEST_LABEL = 100
_NO_NUMBERS = frozenset({"BYTES", "BF16"})


class Part(NamedTuple):
    """The first rows of one answered request, copied out of its buffers."""

    id: str
    inputs: tuple[np.ndarray, ...]  # [rows, columns] each, in the signature's order
    outputs: dict[str, np.ndarray]
    rows: int


class RowChoice:
    """Chooses what of a version's predictions is sent on.

    Args:
        signature: of the version.
        without: names of inputs and outputs, or input:column, joined by commas, that are redacted.

    Raises:
        UsageError: a name or a column that the version does not have.
    """

    def __init__(self, signature: Signature, without: str) -> None:
        names = [name.strip() for name in without.split(",") if name.strip()]
        self._outputs = [spec.name for spec in signature.outputs if spec.name not in names and spec.datatype != "BF16"]
        numeric = [spec for spec in signature.inputs if spec.datatype not in _NO_NUMBERS]
        widths = [_width(spec) for spec in numeric]
        known = 0 not in widths and sum(widths) <= MOST_COLUMNS
        self._inputs = numeric if known else []
        self.inputs_left_out = bool(signature.inputs) and not self._inputs
        faults: list[Fault] = []
        places = {name: self._places(name, signature, widths, faults) for name in names}
        if faults:
            raise UsageError(*faults)
        self.redacted = tuple(sorted({place for found in places.values() for place in found}))
        self._hidden = np.array(self.redacted, np.intp)

    def part(self, prediction_id: str, inputs: Mapping[str, np.ndarray], outputs: Mapping[str, np.ndarray]) -> Part:
        """Return a copy of what may be sent of a request's first rows; without rows where tensors don't agree on them.

        Called on the way of a request, so nothing is converted here.
        """
        taken = [inputs[spec.name] for spec in self._inputs if spec.name in inputs]
        given = {name: outputs[name] for name in self._outputs if name in outputs}
        counts = {array.shape[0] if array.ndim else 0 for array in (*taken, *given.values())}
        rows = min(counts.pop(), MOST_ROWS) if len(counts) == 1 else 0
        return Part(
            prediction_id,
            tuple(array[:rows].reshape(rows, -1).copy() for array in taken) if rows else (),
            {name: array[:rows].copy() for name, array in given.items()} if rows else {},
            rows,
        )

    def predictions(self, part: Part) -> Iterator[Prediction]:
        """Yield a part's rows as values."""
        whole = np.concatenate([array.astype(np.float64) for array in part.inputs], axis=1) if part.inputs else None
        if whole is not None:
            whole[:, self._hidden] = np.nan
        shown = {name: [_shown(value) for value in array] for name, array in part.outputs.items()}
        for row in range(part.rows):
            values = () if whole is None else tuple(_finite(value) for value in whole[row].tolist())
            outputs = {name: column[row] for name, column in shown.items() if column[row] is not None}
            yield Prediction(id=part.id, row=row, inputs=values, outputs=outputs)

    def _places(self, name: str, signature: Signature, widths: list[int], faults: list[Fault]) -> list[int]:
        """Return the columns, counted over all inputs, that a name stands for."""
        tensor, _, column = name.partition(":")
        first = 0
        for spec, width in zip(self._inputs, widths, strict=False):
            if spec.name == tensor and not column:
                return list(range(first, first + width))
            if spec.name == tensor and column.isdecimal() and int(column) < width:
                return [first + int(column)]
            first += width
        names = [spec.name for spec in (*signature.inputs, *signature.outputs)]
        if column or name not in names:
            close = get_close_matches(tensor, names, 1)
            advice = f"one of {', '.join(names)}; a column of an input as {(close or names)[0]}:0"
            where = "--sample-without (POORWILL_SAMPLE_WITHOUT)"
            faults.append(Fault(where, "inputs and outputs of the version", f"'{name}'", advice))
        return []


def _width(spec: TensorSpec) -> int:
    """Return how many values a row of a tensor has, 0 where nobody knows before it comes."""
    sizes = spec.sizes if spec.shape is not None else ()
    return int(np.prod(sizes[1:], dtype=np.int64)) if sizes and min(sizes[1:], default=1) > 0 else 0


def _shown(value: Any) -> Any:
    """Return an output's row as JSON has it, None for what is not sent: long texts, and more than some values."""
    if isinstance(value, np.ndarray):
        few = value.ndim == 1 and value.size <= _MOST_CLASSES and value.dtype != object
        return [_finite(number) for number in value.tolist()] if few else None
    if isinstance(value, bytes):
        return value.decode(errors="replace") if len(value) <= _LONGEST_LABEL else None
    return _finite(value.item()) if isinstance(value, np.generic) else None


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value
