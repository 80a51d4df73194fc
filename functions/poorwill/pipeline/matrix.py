"""Data as training and evaluation take it: a matrix of features, the target beside it; whole, in memory."""

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from poorwill.errors import Fault
from poorwill.pipeline.heldout import held_out
from poorwill.pipeline.step import StepFailedError
from poorwill.pipeline.table import Batch, Table, Words, shown

Part = Literal["training", "held out", "all"]

_MOST_FAULTS = 10
_EXACT_BELOW = 2.0**53  # a float64 holds every whole number below


class Matrix(NamedTuple):
    """Rows of one part of a table, in their order."""

    columns: tuple[str, ...]  # of the features
    features: NDArray[np.float32]  # [rows, columns]; NaN where there is no value
    target: NDArray[Any]  # int64 where all are whole numbers, else float64; text as str
    rows: NDArray[np.int64]  # where each stands, as people count


def read_matrix(table: Table, part: Part, heldout_percent: float) -> Matrix:
    """Return the features and the target of a part of a table.

    Raises:
        StepFailedError: a feature holds text, a target is missing, or the part has no rows.
    """
    _check_features(table)
    features, targets, rows = [], [], []
    for batch in table.batches():
        chosen = _chosen(batch, table, part, heldout_percent)
        where = batch.first_row + np.flatnonzero(chosen)
        target = batch.columns[table.source.layout.target]
        words = _as_words(target)[chosen] if isinstance(target, Words) else target[chosen]
        _check_target(table, words, where)
        with np.errstate(over="ignore"):
            columns = [np.asarray(batch.columns[column.name])[chosen] for column in table.features]
            features.append(np.array(columns, np.float32).reshape(len(columns), len(where)).T)
        targets.append(words)
        rows.append(where)
    found = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    if not len(found):
        wanted, advice = f"rows for {part}", "bring more data, or change heldout_percent"
        raise StepFailedError(Fault(table.source.name, wanted, f"none of {table.rows}", advice))
    matrix = np.ascontiguousarray(np.concatenate(features))
    return Matrix(tuple(column.name for column in table.features), matrix, _narrowed(np.concatenate(targets)), found)


def read_values(table: Table, part: Part, heldout_percent: float, column: str) -> NDArray[Any]:
    """Return one column of a part of a table, in the order of `read_matrix`: numbers, or text with "" for none."""
    parts: list[NDArray[Any]] = []
    for batch in table.batches():
        values = batch.columns[column]
        whole: NDArray[Any] = _as_words(values) if isinstance(values, Words) else values
        parts.append(whole[_chosen(batch, table, part, heldout_percent)])
    return np.concatenate(parts)


def read_classes(table: Table) -> NDArray[Any]:
    """Return all values that the target of a table has, in order; as `read_matrix` types them."""
    found: list[NDArray[Any]] = []
    for batch in table.batches():
        target = batch.columns[table.source.layout.target]
        values: NDArray[Any] = _as_words(target) if isinstance(target, Words) else target
        found.append(np.unique(values[values != ""] if values.dtype.kind == "U" else values[np.isfinite(values)]))
    return _narrowed(np.unique(np.concatenate(found)))


def _chosen(batch: Batch, table: Table, part: Part, heldout_percent: float) -> NDArray[np.bool_]:
    if part == "all":
        return np.ones(batch.rows, np.bool_)
    out = held_out(batch, table.source.layout.target, heldout_percent)
    return out if part == "held out" else ~out


def _as_words(words: Words) -> NDArray[np.str_]:
    return np.array([*words.values, ""], np.str_)[words.codes]  # -1 is the last


def _check_features(table: Table) -> None:
    faults = [
        Fault(
            f"{table.source.name}, column {shown(column.name)}",
            "numbers, as models take them",
            f"text, first in row {column.first_word_row}" if column.first_word_row else "text",
            "encode it as numbers before, or leave it out",
        )
        for column in table.features
        if column.kind == "text"
    ]
    if faults:
        raise StepFailedError(*faults[:_MOST_FAULTS])


def _check_target(table: Table, target: NDArray[Any], rows: NDArray[np.int64]) -> None:
    missing = target == "" if target.dtype.kind == "U" else ~np.isfinite(target)
    if missing.any():
        where = f"{table.source.name}, row {rows[missing][0]}"
        found = f"none, in {int(missing.sum())} rows near it"
        wanted = f"a value of the target {shown(table.source.layout.target)}"
        raise StepFailedError(Fault(where, wanted, found, "complete the rows, or leave them out"))


def _narrowed(target: NDArray[Any]) -> NDArray[Any]:
    if target.dtype.kind == "f" and np.all(np.abs(target) < _EXACT_BELOW) and np.all(target == np.trunc(target)):
        return target.astype(np.int64)
    return target
