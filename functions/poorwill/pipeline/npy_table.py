"""Numpy's own files, read in pieces: a table with named columns, or rows of numbers whose columns get names."""

from collections.abc import Callable, Iterator, Mapping
from tokenize import TokenError
from typing import Any, BinaryIO, NamedTuple
from warnings import catch_warnings

import numpy as np

from poorwill.errors import Fault
from poorwill.pipeline.step import StepFailedError
from poorwill.pipeline.table import Batch, Column, Source, Table, check_names, shown

_PIECE_BYTES = 4 << 20
_AXES = 2  # rows and columns
# 3.0 is for names of columns that Latin-1 has no letters for
_HEADS: Mapping[tuple[int, int], Callable[..., Any]] = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
_BROKEN = (ValueError, SyntaxError, EOFError, TokenError, TypeError, LookupError, ArithmeticError)


class _Head(NamedTuple):
    shape: tuple[int, ...]
    dtype: Any
    begins_bytes: int


def look_at_npy(source: Source) -> Table:
    """Return an array's columns: its fields, or column_0, column_1, ..."""
    with source.path.open("rb") as file:
        head = _head(source, file)
    names = _names(head)
    check_names(source, names)
    length_bytes = head.begins_bytes + head.shape[0] * _row_dtype(head).itemsize
    if source.path.stat().st_size != length_bytes:
        found = f"{source.path.stat().st_size}"
        raise StepFailedError(
            Fault(source.name, f"{length_bytes} bytes", found, "write it again: it was cut off, or more was added")
        )
    return Table(source, tuple(Column(name, "number") for name in names), head.shape[0])


def npy_batches(table: Table) -> Iterator[Batch]:
    """Yield an array's rows."""
    first_row = 1
    with table.source.path.open("rb") as file:
        head = _head(table.source, file)
        row, names = _row_dtype(head), _names(head)
        piece_rows = max(1, _PIECE_BYTES // max(1, row.itemsize))
        while len(rows := np.fromfile(file, row, piece_rows)):
            parts = [rows[name] for name in names] if head.dtype.names else rows["row"].T
            columns = {name: part.astype(np.float64) for name, part in zip(names, parts, strict=True)}
            yield Batch(first_row, len(rows), columns)
            first_row += len(rows)


def _head(source: Source, file: BinaryIO) -> _Head:
    try:
        with catch_warnings(action="ignore"):  # of files that Python 2 wrote
            shape, by_columns, dtype = _HEADS[np.lib.format.read_magic(file)](file)
    except _BROKEN:
        fault = Fault(source.name, "numpy's npy format 1.0 or 2.0", "another content", "write it by numpy.save")
        raise StepFailedError(fault) from None
    faults = []
    if by_columns and len(shape) > 1:
        faults.append(Fault(source.name, "row after row", "column after column", "save numpy.ascontiguousarray of it"))
    if dtype.names:
        faults += [
            Fault(f"{source.name}, column {shown(name)}", "numbers", f"type {dtype[name].kind}", "write it as CSV")
            for name in dtype.names
            if dtype[name].kind not in "biuf"
        ]
    elif dtype.kind not in "biuf":
        faults.append(Fault(source.name, "numbers", f"dtype kind {dtype.kind}", "save them as float64"))
    if len(shape) != (1 if dtype.names else _AXES):
        faults.append(Fault(source.name, "rows and columns", f"{len(shape)} axes", "reshape it to two axes"))
    if faults:
        raise StepFailedError(*faults)
    return _Head(shape, dtype, file.tell())


def _names(head: _Head) -> list[str]:
    return list(head.dtype.names) if head.dtype.names else [f"column_{number}" for number in range(head.shape[1])]


def _row_dtype(head: _Head) -> Any:
    return head.dtype if head.dtype.names else np.dtype([("row", head.dtype, (head.shape[1],))])
