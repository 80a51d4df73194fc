"""The timed run: how long runs of some rows take, and whether rows of several requests may share one.

Its numbers only look random: numpy.random takes longer to import than most models take for all of this.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, islice
from time import perf_counter

import numpy as np

from poorwill.errors import InvalidRequestError, ModelFailedError
from poorwill.registry.datatypes import DATATYPES
from poorwill.registry.records import RowTiming, RowTimings, Signature, TensorSpec
from poorwill.registry.rows import split, stack, unfit
from poorwill.registry.warmup import Runnable

SIZES = (1, 2, 4, 8, 16, 32)
"""Rows that are tried, as far as the answer is not clear before."""
LEAST_GAIN = 1.05
"""Of rows a second, when four rows run at once; whoever gains less gains nothing by eight."""

_KINDS = 4  # of rows; a run of more has each several times
_SCALES = (1.0, 0.25, 4.0, 1.5)  # of the kinds, so that a scale that is taken over all rows is seen
_MOST_RUNS, _LEAST_RUNS, _ENOUGH_MS = 9, 3, 2.0  # of a size; the first pays for memory of its shape
_MOST_VALUES = 64  # of a sample's whole numbers, that others are drawn from
# what rounding may differ by where kernels add in another order, as a part of the largest value and of each
_TOLERANCES = {"float16": (1e-3, 1e-2)}
_TOLERANCE = (1e-5, 1e-4)

Inputs = Mapping[str, np.ndarray]


class _DependentError(Exception):
    """Rows that answer otherwise in company; the text says how."""


def time_rows(model: Runnable, sample: Inputs | None, limit_ms: float) -> RowTimings:
    """Run rows alone and together; time them until the answer is clear.

    Args:
        model: warmed up.
        sample: inputs that it answers, None for some that are made.
        limit_ms: that a run of several rows may take; a size that takes longer is the last one that is tried.
    """
    words = unfit(model.signature) or _unknown_axes(model.signature, sample)
    if words:
        return RowTimings(words)
    rows = list(_drawn(model.signature, sample))
    times: list[RowTiming] = []
    try:
        alone = [_checked(model.run(row), 1) for row in rows]
        for size in SIZES:
            times.append(RowTiming(size, _timed(model, list(islice(cycle(rows), size)), alone)))
            if is_clear(times, limit_ms):
                break
    except _DependentError as error:
        return RowTimings(str(error), tuple(times))
    except (ModelFailedError, InvalidRequestError):
        return RowTimings("the model fails on rows that are made up; push it with a sample request", tuple(times))
    return RowTimings("", tuple(times))


def is_clear(times: Sequence[RowTiming], limit_ms: float) -> bool:
    """Return whether larger sizes can't change what is chosen: too slow, no gain so far, or no further gain."""
    rows_per_ms = [timing.rows / timing.run_ms for timing in times]
    if times[-1].rows > 1 and times[-1].run_ms > limit_ms:
        return True
    if times[-1].rows >= _KINDS and max(rows_per_ms) < rows_per_ms[0] * LEAST_GAIN:
        return True
    return times[-1].rows > 2 * _KINDS and max(rows_per_ms[-2:]) < max(rows_per_ms[:-2]) * LEAST_GAIN


def _timed(model: Runnable, parts: Sequence[Inputs], alone: Sequence[Inputs]) -> float:
    """Return the least milliseconds of some runs of all parts together, whose answers must be those they have alone."""
    took_ms: list[float] = []
    while len(took_ms) < _LEAST_RUNS or (len(took_ms) < _MOST_RUNS and sum(took_ms) < _ENOUGH_MS):
        start = perf_counter()
        if len(parts) == 1:
            outputs = [model.run(parts[0])]
        else:
            outputs = list(split(_checked(model.run(stack(parts)), len(parts)), [1] * len(parts)))
        took_ms.append((perf_counter() - start) * 1e3)
    for found, wanted in zip(outputs, cycle(alone), strict=False):
        if not all(_close(found[name], wanted[name]) for name in wanted):
            raise _DependentError("rows answer otherwise in company than alone")
    return round(min(took_ms), 4)


def _checked(outputs: Inputs, rows: int) -> Inputs:
    if any(array.ndim == 0 or len(array) != rows for array in outputs.values()):
        raise _DependentError("the model does not give one row for each that it takes")
    return outputs


def _close(found: np.ndarray, wanted: np.ndarray) -> bool:
    if found.shape != wanted.shape:
        return False
    if found.dtype.kind != "f":
        return bool(np.array_equal(found, wanted))
    of_largest, of_each = _TOLERANCES.get(found.dtype.name, _TOLERANCE)
    finite = wanted[np.isfinite(wanted)]
    largest = float(np.abs(finite).max()) if finite.size else 0.0
    return bool(np.allclose(found, wanted, rtol=of_each, atol=of_largest * largest, equal_nan=True))


def _unknown_axes(signature: Signature, sample: Inputs | None) -> str:
    free = any(size < 0 for spec in signature.inputs for size in spec.sizes[1:])
    return "no sample request says how long the inputs' other axes are" if free and sample is None else ""


def _drawn(signature: Signature, sample: Inputs | None) -> Iterator[dict[str, np.ndarray]]:
    """Yield one row of each kind: numbers around the sample's first row, whole numbers of any of its rows."""
    for kind in range(_KINDS):
        yield {
            spec.name: _row(spec, sample[spec.name] if sample else None, kind + place * _KINDS)
            for place, spec in enumerate(signature.inputs)
        }


def _row(spec: TensorSpec, sample: np.ndarray | None, number: int) -> np.ndarray:
    dtype = DATATYPES[spec.datatype].numpy
    shape = (1, *(spec.sizes if sample is None else sample.shape)[1:])
    spread = np.sin(np.arange(1, np.prod(shape, dtype=int) + 1) * (12.9898 + number)) * 43758.5453
    part = (spread % 1).reshape(shape)  # 0 to 1
    if dtype.kind == "f":
        around = (part - 0.5) * 4 * _SCALES[number % _KINDS]
        return (around if sample is None else around + sample[:1]).astype(dtype)
    if dtype.kind == "b":
        return np.asarray(part < 0.5)
    known = set() if sample is None else set(sample.ravel()[:_MOST_VALUES].tolist())
    values = np.array(sorted(known if len(known) > 1 else known | {0, 1}), dtype)
    return np.asarray(values[(part * len(values)).astype(int)])
