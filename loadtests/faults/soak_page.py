"""A soak as one HTML page, as a table in Markdown and as a picture: what grew, and how fast; pure."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from loadtests import figures, plots, report
from loadtests.asked import Outcome
from loadtests.bench.report import number, table
from loadtests.faults.flatness import Curve, slope_per_hour
from loadtests.faults.page import limits_grid
from loadtests.faults.sampler import Sample
from loadtests.faults.table import words
from loadtests.found import Run, found_in
from loadtests.limits import Judged
from loadtests.plots import Panel, Series
from poorwill.pipeline.page import Html, grid, page, paragraph, section, text

MEASURES = {
    "pss_mb": ("memory (PSS)", "MB"),
    "rss_mb": ("memory (RSS)", "MB"),
    "descriptors": ("descriptors", ""),
    "threads": ("threads", ""),
    "journal_mb": ("journal of events", "MB"),
    "disk_mb": ("all files", "MB"),
}
PICTURED = ("pss_mb", "descriptors", "threads")


class Soak(NamedTuple):
    """All that a soak found."""

    wanted_seconds: float
    run: Run
    samples: Sequence[Sample]
    curves: Sequence[Curve]
    judged: Sequence[Judged]


def soak_page(soak: Soak, facts: Mapping[str, str]) -> bytes:
    """Return the page."""
    broken = [f"{line.kind}: {line.measure}" for line in soak.judged if not line.kept]
    verdict = f"broken: {', '.join(broken)}" if broken else f"all {len(soak.judged)} limits kept"
    sections = [
        plots.STYLE,
        *(section(_title(measure), _figure(soak, measure)) for measure in MEASURES),
        section("Time to an answer", figures.drawn(soak.run, figures.latency(soak.run))),
        section("Answers a second", figures.drawn(soak.run, figures.rates(soak.run))),
        section("Requests", report.kinds(found_in(soak.run))),
        section("Slopes", paragraph("By Theil and Sen, after the warm-up."), _slopes(soak.curves)),
        section("Limits", limits_grid(soak.judged)),
    ]
    return page("A soak", verdict, "fail" if broken or not soak.run.asked else "pass", facts, sections)


def picture(soak: Soak) -> str:
    """Return memory, descriptors and threads over time as an SVG file."""
    panels = [
        Panel(
            [each._replace(name=f"{each.name}: {MEASURES[measure][0]}") for each in series],
            _scale(series),
            MEASURES[measure][1],
        )
        for measure in PICTURED
        if (series := _series(soak.curves, measure))
    ]
    return plots.picture(panels, _length_seconds(soak), told="Memory, descriptors and threads over the time of a soak")


def markdown(soak: Soak, *, head: str) -> str:
    """Return the table: where each measure was when it was warm, where in the end, and how steep that is."""
    heads = ("", "measure", "median", "lowest", "highest", "slope an hour")
    rows = (
        (
            curve.of,
            _title(curve.measure),
            *(number(each, 1) for each in _span(curve)),
            number(slope_per_hour(curve.values), 1),
        )
        for curve in soak.curves
        if curve.measure != "rss_mb"
    )
    found = found_in(soak.run)
    right, cold = soak.run.right, sum(one.cold_answers for one in found.values())
    told = Counter(one.said for one in soak.run.asked if one.outcome in {Outcome.ERROR, Outcome.LOST})
    counted = (
        f"{right:,} right answers, {cold:,} of them after a wait for a start; "
        f"{sum(one.wrong for one in found.values())} wrong; told in place of answers: {words(told) or 'nothing'}."
    )
    return f"{head}\n\n{table(heads, rows)}\n\n{counted}\n"


def _span(curve: Curve) -> tuple[float, float, float]:
    values = [value for _, value in curve.values]
    return statistics.median(values), min(values), max(values)


def _title(measure: str) -> str:
    name, unit = MEASURES[measure]
    return f"{name}, {unit}" if unit else name


def _length_seconds(soak: Soak) -> float:
    return soak.samples[-1].at_seconds - soak.samples[0].at_seconds


def _series(curves: Sequence[Curve], measure: str) -> list[Series]:
    some = [curve for curve in curves if curve.measure == measure]
    return [Series(curve.of, curve.values, "line", plots.colour(place)) for place, curve in enumerate(some)]


def _scale(series: Sequence[Series]) -> plots.Scale:
    return plots.linear(value for each in series for _, value in each.points if value is not None)


def _figure(soak: Soak, measure: str) -> Html:
    series = _series(soak.curves, measure)
    panel = Panel(series, _scale(series), MEASURES[measure][1], _title(measure))
    return plots.plot(panel, _length_seconds(soak))


def _slopes(curves: Sequence[Curve]) -> Html:
    rows = (
        (text(curve.of), text(_title(curve.measure)), text(number(slope_per_hour(curve.values), 1))) for curve in curves
    )
    return grid(("", "measure", "#an hour"), rows)
