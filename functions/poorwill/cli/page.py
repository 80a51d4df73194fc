"""Where pages are printed, and the one look of their tables."""

import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

_LOG_WIDTH = 160  # characters
_FOLDED_ROWS = 200  # a table of more is printed as it is: to fit each cell into a terminal takes 0.3 ms a row

Cell = str | Text


def new_console() -> Console:
    """Return stdout; rich takes what is no terminal for 80 characters wide, and would cut a digest in a log."""
    return Console(highlight=False, emoji=False, markup=False, width=None if sys.stdout.isatty() else _LOG_WIDTH)


def new_table(*columns: str) -> Table:
    """Return an empty table with these columns."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Print a table that may be long."""
    found = list(rows)
    if len(found) > _FOLDED_ROWS:
        sys.stdout.write("".join(f"{line}\n" for line in _lines(columns, found)))
        return
    table = new_table(*columns)
    for row in found:
        table.add_row(*row)
    new_console().print(table)


def _lines(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Iterable[str]:
    plain = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *plain, strict=True)]
    yield _line(columns, widths)
    yield " ".join("─" * (width + 2) for width in widths)
    for row in plain:
        yield _line(row, widths)


def _line(cells: Iterable[str], widths: Iterable[int]) -> str:
    return "   ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
