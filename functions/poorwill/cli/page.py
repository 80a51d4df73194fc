"""Where pages are printed, and the one look of their tables."""

import sys

from rich import box
from rich.console import Console
from rich.table import Table

_LOG_WIDTH = 160  # characters


def new_console() -> Console:
    """Return stdout; rich takes what is no terminal for 80 characters wide, and would cut a digest in a log."""
    return Console(highlight=False, emoji=False, markup=False, width=None if sys.stdout.isatty() else _LOG_WIDTH)


def new_table(*columns: str) -> Table:
    """Return an empty table with these columns."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
