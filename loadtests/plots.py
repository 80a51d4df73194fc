"""Figures over the time of a run, as SVG made here: no script, no font, no address; readable on paper and at night."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from math import ceil, floor, log10
from typing import Literal, NamedTuple

from poorwill.pipeline.page import Html

Look = Literal["line", "area", "steps", "dashed", "dots", "crosses"]
"""Areas and steps are filled down to zero; steps and dashed lines hold a value until the next one."""
Point = tuple[float, float | None]
"""Seconds since the run began, and a value; None leaves a gap."""

STYLE = Html(
    "<style>:root{--c0:#2f6feb;--c1:#c2410c;--c2:#17743b;--c3:#8250df;--c4:#0e7490;--c5:#a0730a;--bad:#b3261e}"
    "@media(prefers-color-scheme:dark){:root{--c0:#6ea1ff;--c1:#ff9d5c;--c2:#5fce8b;--c3:#c297ff;--c4:#56c8dd;"
    "--c5:#e8c14f;--bad:#ff8a80}}"
    ".plot{width:100%;min-width:40rem;height:auto}.plot text{font:11px system-ui,sans-serif;fill:var(--dim)}"
    ".plot .grid{stroke:var(--line);stroke-width:1}.plot .curve{fill:none;stroke-width:1.8;stroke-linejoin:round;"
    "stroke-linecap:round}"
    ".plot{margin-bottom:.6rem}.plot .mark{fill:var(--bad);fill-opacity:.13}.plot text.marked{font-weight:600}"
    ".key{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;margin:.2rem 0 .3rem;font-size:13px}"
    ".key svg{display:inline-block;vertical-align:middle;margin-right:.35rem}</style>"
)
BAD = "var(--bad)"
_WIDTH, _HEIGHT = 1100, 240  # pixels
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 10, 26
_MOST_LABELS = 12
_KEY, _KEY_STEP = 24, 190  # above a figure that stands alone
_PAGE = Html(  # what a page has and a file that stands alone has not
    "<style>:root{--dim:#667079;--line:#dde1e5;--back:#fff}"
    "@media(prefers-color-scheme:dark){:root{--dim:#98a2ab;--line:#333a41;--back:#15181b}}</style>"
)
_STEPS = (1, 2, 5)


class Series(NamedTuple):
    """One row of points, and how it looks."""

    name: str
    points: Sequence[Point]
    look: Look = "line"
    colour: str = "var(--c0)"


class Mark(NamedTuple):
    """Something that was so for a while, drawn behind the curves."""

    name: str  # short: it stands above
    begin_seconds: float
    end_seconds: float


class Scale(NamedTuple):
    """The vertical axis."""

    low: float
    high: float
    logarithmic: bool = False
    whole: bool = False  # whether only whole numbers are labelled

    def place(self, value: float) -> float:
        """Return where a value is, from 0 below to 1 above."""
        low, high, value = (log10(each) if self.logarithmic else each for each in (self.low, self.high, value))
        return min(1.0, max(0.0, (value - low) / (high - low)))

    def ticks(self) -> list[float]:
        """Return values that are labelled."""
        if not self.logarithmic:
            return [each for each in _even(self.low, self.high, 5) if not self.whole or each == int(each)]
        tens = range(floor(log10(self.low)), ceil(log10(self.high)) + 1)
        found = [step * 10.0**ten for ten in tens for step in _STEPS if self.low <= step * 10.0**ten <= self.high]
        return found if len(found) <= 10 else [each for each in found if log10(each) % 1 == 0]


def colour(number: int) -> str:
    """Return one of the six colours."""
    return f"var(--c{number % 6})"


class Panel(NamedTuple):
    """One figure: series drawn in order, the last one on top, marks behind them, and words to who does not see it."""

    series: Sequence[Series]
    scale: Scale
    unit: str
    told: str = ""
    marks: Sequence[Mark] = ()


def plot(panel: Panel, length_seconds: float) -> Html:
    """Return a figure of so many seconds, and its key."""
    figure = (
        f'<svg class="plot" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"><title>{escape(panel.told)}</title>'
        f"{_drawn(panel, length_seconds)}</svg>"
    )
    key = "".join(f"<span>{_swatch(each)}{escape(each.name)}</span>" for each in panel.series)
    return Html(f'<div class="key">{key}</div><div class="wide">{figure}</div>')


def picture(panels: Sequence[Panel], length_seconds: float, *, told: str) -> str:
    """Return figures below one another as an SVG file that stands alone.

    Args:
        panels: from above.
        length_seconds: of the run.
        told: to who does not see it.
    """
    rows, step = [], _HEIGHT + _KEY
    for number, each in enumerate(panels):
        names = "".join(
            f'<g transform="translate({_LEFT + place * _KEY_STEP} 4)">{_swatch(one)}'
            f'<text x="24" y="11">{escape(one.name)}</text></g>'
            for place, one in enumerate(each.series)
        )
        drawn = _drawn(each, length_seconds)
        rows.append(
            f'<g transform="translate(0 {number * step})">{names}<g transform="translate(0 {_KEY})">{drawn}</g></g>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 {_WIDTH} {len(panels) * step}" role="img">'
        f"<title>{escape(told)}</title>{_PAGE}{STYLE}{''.join(rows)}</svg>\n"
    )


def linear(values: Iterable[float], *, whole: bool = False) -> Scale:
    """Return a scale from 0 to a round number above all values."""
    highest = max([*values, 1.0])
    ten = 10.0 ** floor(log10(highest))
    high = next(step * ten for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * ten >= highest)
    return Scale(0, high, whole=whole)


def stacked(series: Sequence[Series]) -> list[Series]:
    """Return series over the same moments, each on top of those before it; the highest is drawn first."""
    found: list[Series] = []
    below = [0.0] * max((len(each.points) for each in series), default=0)
    for each in series:
        below = [under + (value or 0.0) for under, (_, value) in zip(below, each.points, strict=True)]
        moments = (seconds for seconds, _ in each.points)
        found.append(each._replace(points=list(zip(moments, below, strict=True))))
    return found[::-1]


def logarithmic(values: Iterable[float]) -> Scale:
    """Return a logarithmic scale that holds all values."""
    known = [value for value in values if value > 0] or [1.0, 10.0]
    low, high = min(known) / 1.2, max(known) * 1.2
    return Scale(low, max(high, low * 10), logarithmic=True)


def _drawn(panel: Panel, length_seconds: float) -> str:
    across = max(length_seconds, 1.0)
    behind = "".join(_mark(each, across) for each in panel.marks)
    curves = "".join(_series(each, panel.scale, across) for each in panel.series)
    return behind + _grid(panel.scale, across, panel.unit) + curves


def _mark(mark: Mark, across: float) -> str:
    left, right = _x(mark.begin_seconds, across), _x(mark.end_seconds, across)
    return (
        f'<rect class="mark" x="{left:.1f}" y="{_TOP}" width="{max(right - left, 2):.1f}" '
        f'height="{_HEIGHT - _TOP - _BOTTOM}"/>'
        f'<text class="marked" x="{left:.1f}" y="{_TOP + 2}">{escape(mark.name)}</text>'
    )


def _grid(scale: Scale, across: float, unit: str) -> str:
    lines = []
    for value in scale.ticks():
        y = _y(scale, value)
        label = f"{value:,.10g}"
        lines.append(
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
        )
    for seconds in _even(0, across, _MOST_LABELS):
        label = f"{seconds:g} s" if seconds else "0"
        lines.append(f'<text x="{_x(seconds, across):.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{label}</text>')
    lines.append(f'<text x="4" y="{_HEIGHT - 8}">{escape(unit)}</text>')
    return "".join(lines)


def _series(series: Series, scale: Scale, across: float) -> str:
    if series.look == "dots":
        return "".join(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" style="fill:{series.colour};fill-opacity:.55"/>'
            for x, y in _placed(series.points, scale, across)
        )
    if series.look == "crosses":
        return "".join(
            f'<path d="M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8" style="stroke:{series.colour};stroke-width:1.8"/>'
            for x, y in _placed(series.points, scale, across)
        )
    dash = ";stroke-dasharray:6 5" if series.look == "dashed" else ""
    path = _path(series, scale, across)
    filled = ""
    if path and series.look in {"area", "steps"}:
        left, right = (_x(series.points[place][0], across) for place in (0, -1))
        floor_y = _HEIGHT - _BOTTOM
        pale = f"color-mix(in srgb,{series.colour} 30%,var(--back))"
        filled = f'<path d="{path}L{right:.1f} {floor_y}L{left:.1f} {floor_y}Z" style="fill:{pale}"/>'
    return f'{filled}<path class="curve" d="{path}" style="stroke:{series.colour}{dash}"/>'


def _path(series: Series, scale: Scale, across: float) -> str:
    parts, pen_down, last_y = [], False, 0.0
    for seconds, value in series.points:
        if value is None:
            pen_down = False
            continue
        x, y = _x(seconds, across), _y(scale, value)
        if pen_down and series.look in {"steps", "dashed"}:
            parts.append(f"L{x:.1f} {last_y:.1f}")
        # a dash leads in, so that one point alone is seen, too
        parts.append(f"L{x:.1f} {y:.1f}" if pen_down else f"M{x - 2:.1f} {y:.1f}L{x:.1f} {y:.1f}")
        pen_down, last_y = True, y
    return "".join(parts)


def _placed(points: Sequence[Point], scale: Scale, across: float) -> Iterator[tuple[float, float]]:
    for seconds, value in points:
        if value is not None:
            yield _x(seconds, across), _y(scale, value)


def _swatch(series: Series) -> str:
    own = series._replace(points=[(0.0, 0.5), (1.0, 0.5)] if series.look not in {"dots", "crosses"} else [(0.5, 0.5)])
    inner = {
        "dots": f'<circle cx="9" cy="6" r="3.5" style="fill:{own.colour}"/>',
        "crosses": f'<path d="M5 2l8 8m0 -8l-8 8" style="stroke:{own.colour};stroke-width:1.8"/>',
    }.get(own.look)
    dash = ";stroke-dasharray:5 3" if own.look == "dashed" else ""
    line = f'<path d="M0 6h18" style="stroke:{own.colour};stroke-width:2.5{dash}"/>'
    return f'<svg width="18" height="12" aria-hidden="true">{inner or line}</svg>'


def _even(low: float, high: float, most: int) -> Iterator[float]:
    """Yield round numbers from low to high, at most so many steps."""
    raw = (high - low) / most
    ten = 10.0 ** floor(log10(raw))
    step = next(each * ten for each in (1, 2, 5, 10) if each * ten >= raw)
    for count in range(floor((high - low) / step + 1e-9) + 1):
        yield round(low + count * step, 10)


def _x(seconds: float, across: float) -> float:
    return _LEFT + min(max(seconds / across, 0.0), 1.0) * (_WIDTH - _LEFT - _RIGHT)


def _y(scale: Scale, value: float) -> float:
    return _HEIGHT - _BOTTOM - scale.place(value) * (_HEIGHT - _TOP - _BOTTOM)
