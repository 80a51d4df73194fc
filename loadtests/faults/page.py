"""A run of faults as one HTML page: limits, what each fault cost, latency and refusals over time; pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from loadtests import figures, plots, report
from loadtests.asked import Asked, Outcome
from loadtests.faults import table
from loadtests.faults.harm import Struck
from loadtests.faults.recovery import Recovered
from loadtests.found import Run, found_in
from loadtests.limits import Judged
from loadtests.plots import Mark, Panel, Series
from loadtests.timeline import Timeline
from poorwill.pipeline.page import Html, Tone, grid, page, paragraph, section, text, toned


class Whole(NamedTuple):
    """All that a run of faults found."""

    seed: int
    asked: Sequence[Asked]  # by Locust
    struck: Sequence[Struck]
    found: Sequence[Recovered]
    judged: Sequence[Judged]

    @property
    def run(self) -> Run:
        """Return the run, with the faults as marks."""
        every = [*self.asked, *(one for each in self.struck for one in each.asked)]
        marks = [
            Mark(str(place), each.at_seconds, each.at_seconds + each.lasted_seconds)
            for place, each in enumerate(self.found, 1)
        ]
        return Run(every, Timeline(), marks=marks)


def faults_page(whole: Whole, facts: Mapping[str, str]) -> bytes:
    """Return the page."""
    run = whole.run
    broken = [f"{line.kind}: {line.measure}" for line in whole.judged if not line.kept]
    tone: Tone = "fail" if broken or not whole.asked else "pass"
    verdict = f"broken: {', '.join(broken)}" if broken else f"all {len(whole.judged)} limits kept"
    words = (
        f"Percentiles are of {figures.bin_seconds(run)} s each, of warm answers alone. A dot is an answer that waited "
        "for a process to start, a cross a request that was not answered. A fault is a band, with its number."
    )
    sections = [
        plots.STYLE,
        section("Faults", _costs(whole.found)),
        section("Time to an answer", paragraph(words), figures.drawn(run, figures.latency(run))),
        section("Answers a second", figures.drawn(run, figures.rates(run))),
        section("Told in place of answers, a second", figures.drawn(run, _told(run))),
        section("Requests", report.kinds(found_in(run))),
        section("Limits", limits_grid(whole.judged)),
    ]
    return page("Faults under load", verdict, tone, facts, sections)


def told_series(run: Run) -> list[Series]:
    """Return what was told in place of answers, a row for each word."""
    failed = [one for one in run.asked if one.outcome != Outcome.RIGHT]
    said = sorted({one.said or str(one.outcome) for one in failed})
    return [
        Series(
            word, figures.rate(run, [one for one in failed if (one.said or str(one.outcome)) == word]), "area", colour
        )
        for word, colour in zip(said, (plots.colour(place) for place in range(len(said))), strict=True)
    ]


def picture(whole: Whole) -> str:
    """Return right answers and refusals over time as an SVG file."""
    run = whole.run
    told = "Right answers a second, and what was told in place of answers, with the faults by their numbers"
    return figures.picture(run, (figures.rates(run), _told(run)), told)


def _told(run: Run) -> Panel:
    return figures.stacked(run, told_series(run), "/s", "refusals a second")


def _costs(found: Sequence[Recovered]) -> Html:
    heads = ("#", *(head if head == "told in place of one" else f"#{head}" for head in table.HEADS[1:]))
    rows = (
        (text(f"{place}. {row[0]}"), *(text(cell) for cell in row[1:]))
        for place, row in enumerate(table.rows_of(found), 1)
    )
    return grid((table.HEADS[0], *heads[1:]), rows)


def limits_grid(judged: Sequence[Judged]) -> Html:
    """Return a row for each limit."""
    rows = (
        (
            text(line.kind),
            text(line.measure),
            text(line.limit.replace("<=", "≤")),
            toned(line.found, "pass" if line.kept else "fail"),
        )
        for line in judged
    )
    return grid(("", "measure", "#limit", "#found"), rows)
