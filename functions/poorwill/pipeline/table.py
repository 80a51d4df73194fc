"""Data as a stream of batches, whatever its format: never more than some thousand rows of it are in memory."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from poorwill.errors import Fault
from poorwill.pipeline.spec import Ingest
from poorwill.pipeline.step import StepFailedError

Numbers = NDArray[np.float64]
"""A column of numbers; NaN where there is no value."""

MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "npy": "application/x-npy",
}


class Words(NamedTuple):
    """A column of text, each of its values once."""

    codes: NDArray[np.int32]  # of each row; -1 where there is no value
    values: tuple[str, ...]


class Source(NamedTuple):
    """A file of data, and how it is read."""

    path: Path
    layout: Ingest
    name: str  # what people call it, in faults and reports


class Column(NamedTuple):
    """A column's name and kind; text is what holds one value or more that is no number."""

    name: str
    kind: Literal["number", "text"]
    words: int = 0  # values that are no numbers, where others are
    first_word_row: int = 0


class Batch(NamedTuple):
    """Some rows that follow each other."""

    first_row: int  # as people count: a CSV's header is row 1
    rows: int
    columns: Mapping[str, Numbers | Words]


class Table(NamedTuple):
    """Data that can be read as often as one likes, always in its own order."""

    source: Source
    columns: tuple[Column, ...]
    rows: int

    @property
    def features(self) -> tuple[Column, ...]:
        """All columns but the target, in their order."""
        return tuple(column for column in self.columns if column.name != self.source.layout.target)

    def batches(self) -> Iterator[Batch]:
        """Yield its rows."""
        if self.source.layout.format == "npy":
            from poorwill.pipeline.npy_table import npy_batches

            return npy_batches(self)
        from poorwill.pipeline.arrow_table import csv_batches, parquet_batches

        return csv_batches(self) if self.source.layout.format == "csv" else parquet_batches(self)


def open_table(source: Source) -> Table:
    """Return data after one look at all of it.

    Raises:
        StepFailedError: its header, an encoding or a row's length is wrong, or there is no row; with row numbers.
    """
    if source.layout.format == "npy":
        from poorwill.pipeline.npy_table import look_at_npy

        table = look_at_npy(source)
    else:
        from poorwill.pipeline.arrow_table import look_at_csv, look_at_parquet

        table = look_at_csv(source) if source.layout.format == "csv" else look_at_parquet(source)
    if not table.rows:
        raise StepFailedError(Fault(source.name, "rows", "none", "look at what wrote it: no data came"))
    return table


def check_names(source: Source, names: list[str]) -> None:
    """Raise StepFailedError where columns lack names of their own, or none is the target."""
    layout, faults = source.layout, []
    where = f"{source.name}, columns"
    if any(_is_number(name) for name in names):
        faults.append(Fault(where, "a first row of names", "numbers in it", "write a header as the first row"))
    if blank := [number for number, name in enumerate(names, 1) if not name.strip()]:
        faults.append(Fault(where, "a name for each", f"none for column {blank[0]}", "name it in the header"))
    if twice := sorted({name for name in names if name.strip() and names.count(name) > 1}):
        faults.append(Fault(where, "each name once", f"{shown(twice[0])} twice", "rename one of them"))
    if layout.target not in names and not faults:
        faults.append(_without_target(where, names, layout))
    if faults:
        raise StepFailedError(*faults)


def shown(name: str) -> str:
    """Return a column's name as a fault quotes it: in one line, and not too long."""
    return repr(name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}...")


_LONGEST_NAME = 60


def _without_target(where: str, names: list[str], layout: Ingest) -> Fault:
    from difflib import get_close_matches

    close = get_close_matches(layout.target, names, 1)
    if len(names) == 1 and layout.format == "csv":
        found, advice = "one column in all", f"set ingest's delimiter, which is {layout.delimiter!r} now"
    else:
        found = f"{len(names)} columns, none of that name" + (f"; {shown(close[0])} is like it" if close else "")
        advice = "set ingest's target to the column that a model is to foretell, or correct the header"
    return Fault(where, f"the target {shown(layout.target)}", found, advice)


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return name.strip().lower() not in {"nan", "inf", "infinity"}
