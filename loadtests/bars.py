"""Bars of parts, as an SVG file that stands alone: no script, no font, readable by day and at night."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from loadtests.plots import linear

_WIDTH, _RIGHT, _ROW, _BAR, _KEY = 1000, 70, 30, 18, 28  # pixels
_LETTER = 7  # of the widest kind that names are made of
_COLOURS = 6
STYLE = (
    "<style>:root{--ink:#24292f;--line:#d0d7de;--c0:#2f6feb;--c1:#c2410c;--c2:#17743b;--c3:#8250df;--c4:#0e7490;"
    "--c5:#a0730a}@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--line:#3d444d;--c0:#6ea1ff;--c1:#ff9d5c;"
    "--c2:#5fce8b;--c3:#c297ff;--c4:#56c8dd;--c5:#e8c14f}}text{font:12px system-ui,sans-serif;fill:var(--ink)}"
    "line{stroke:var(--line)}</style>"
)


class Bar(NamedTuple):
    """One row: its name, and its parts from left to right."""

    name: str
    parts: Mapping[str, float]


def bars(rows: Sequence[Bar], *, told: str, unit: str) -> str:
    """Return the figure.

    Args:
        rows: from above.
        told: to who does not see it.
        unit: of the values.
    """
    names = list(dict.fromkeys(name for row in rows for name in row.parts))
    scale = linear([sum(row.parts.values()) for row in rows])
    height = _KEY + len(rows) * _ROW + 28
    left = 12 + _LETTER * max((len(row.name) for row in rows), default=0)
    across = _WIDTH - left - _RIGHT
    ticks = "".join(
        f'<line x1="{(x := left + scale.place(value) * across):.1f}" x2="{x:.1f}" y1="{_KEY}" y2="{height - 24}"/>'
        f'<text x="{x:.1f}" y="{height - 8}" text-anchor="middle">{value:g} {escape(unit)}</text>'
        for value in scale.ticks()
    )
    drawn = "".join(_row(row, place, names, left, across / scale.high) for place, row in enumerate(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">'
        f"<title>{escape(told)}</title>{STYLE}{_key(names)}{ticks}{drawn}</svg>\n"
    )


def _row(row: Bar, place: int, names: Sequence[str], left: float, pixels: float) -> str:
    """Return one bar; so many pixels are one of the unit."""
    y, x = _KEY + place * _ROW + (_ROW - _BAR) / 2, left
    parts = [f'<text x="{left - 8}" y="{y + 13:.1f}" text-anchor="end">{escape(row.name)}</text>']
    for name, value in row.parts.items():
        fill = f"var(--c{names.index(name) % _COLOURS})"
        parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{value * pixels:.1f}" height="{_BAR}" style="fill:{fill}"/>'
        )
        x += value * pixels
    return "".join([*parts, f'<text x="{x + 6:.1f}" y="{y + 13:.1f}">{sum(row.parts.values()):.3g}</text>'])


def _key(names: Sequence[str]) -> str:
    found, x = [], 4.0
    for place, name in enumerate(names):
        fill = f"var(--c{place % _COLOURS})"
        found.append(f'<rect x="{x:.0f}" y="5" width="12" height="12" style="fill:{fill}"/>')
        found.append(f'<text x="{x + 17:.0f}" y="15">{escape(name)}</text>')
        x += 40 + 7 * len(name)
    return "".join(found)
