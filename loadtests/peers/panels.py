"""A picture of a run: for each model and measure a panel of bars, ours in colour, as an SVG file that stands alone."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from loadtests.bars import STYLE
from loadtests.peers.rows import OURS, ROWS
from loadtests.peers.summary import Field, Found, Span, Summary

_WIDTH, _LEFT, _VALUE = 1000, 150, 62  # pixels; the last one is for the number behind a bar
_HEAD, _TITLE, _ROW, _BAR = 30, 34, 23, 15
_PEER = (
    "<style>:root{--peer:#8c959f}@media(prefers-color-scheme:dark){:root{--peer:#6e7681}}"
    ".title{font-weight:600}</style>"
)


class Measure(NamedTuple):
    """A column: what it says above, and what of a summary it shows."""

    words: str
    field: Field
    digits: int


MEASURES = (
    Measure("requests a second: more is better", lambda row: row.requests_per_second, 0),
    Measure("p99 at 64 connections, ms: less is better", lambda row: row.p99_many_ms, 1),
    Measure("cold start, ms: less is better", lambda row: row.cold_ms, 0),
)


def panels(found: Found, titles: Mapping[str, str], *, told: str) -> str:
    """Return the picture.

    Args:
        found: of a run.
        titles: of the models.
        told: to who does not see it.
    """
    across = (_WIDTH - _LEFT) / len(MEASURES)
    parts = [
        f'<text x="{_LEFT + place * across:.0f}" y="16">{escape(each.words)}</text>'
        for place, each in enumerate(MEASURES)
    ]
    top = float(_HEAD)
    for model, rows in found.items():
        parts.append(f'<text class="title" x="0" y="{top + 16:.0f}">{escape(titles[model])}</text>')
        top += _TITLE - _ROW / 3
        parts += _names(list(rows), top)
        for place, measure in enumerate(MEASURES):
            parts += _bars(list(rows.items()), measure, (_LEFT + place * across, top), across - _VALUE)
        top += len(rows) * _ROW + _ROW / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top:.0f}" role="img">'
        f"<title>{escape(told)}</title>{STYLE}{_PEER}{''.join(parts)}</svg>\n"
    )


def _names(rows: Sequence[str], top: float) -> list[str]:
    return [
        f'<text x="{_LEFT - 8}" y="{top + place * _ROW + 12:.1f}" text-anchor="end">{escape(ROWS[row].name)}</text>'
        for place, row in enumerate(rows)
    ]


def _bars(
    rows: Sequence[tuple[str, Summary]], measure: Measure, corner: tuple[float, float], pixels: float
) -> list[str]:
    """Return one panel; the longest bar takes so many pixels."""
    spans: list[Span | None] = [measure.field(each) for _, each in rows]
    longest = max((span.median for span in spans if span), default=0.0) or 1.0
    left, top = corner
    found = []
    for place, ((row, _), span) in enumerate(zip(rows, spans, strict=True)):
        y, long = top + place * _ROW, pixels * (span.median if span else 0) / longest
        fill = "var(--c0)" if row == OURS else "var(--peer)"
        said = f"{span.median:,.{measure.digits if span.median < 1000 else 0}f}" if span else "-"
        found.append(f'<rect x="{left:.1f}" y="{y:.1f}" width="{long:.1f}" height="{_BAR}" style="fill:{fill}"/>')
        found.append(f'<text x="{left + long + 6:.1f}" y="{y + 12:.1f}">{said}</text>')
    return found
