"""A run as one HTML page that needs nothing else: limits beside what was found, figures, each kind of request; pure."""

from collections.abc import Iterable, Mapping, Sequence

from loadtests import figures, plots
from loadtests.found import Found, Run, found_in, found_whole
from loadtests.limits import Judged
from poorwill.pipeline.page import Html, grid, page, paragraph, section, text, toned

MOST_ROWS = 20  # of versions


def report(title: str, run: Run, judged: Sequence[Judged], facts: Mapping[str, str], faults: Sequence[str]) -> bytes:
    """Return the page.

    Args:
        title: of the run.
        run: that is shown.
        judged: its limits; none where nothing was to be judged.
        facts: when, where and of what, name by name.
        faults: of the run itself, such as a split that could not be changed.
    """
    broken = [line for line in judged if not line.kept]
    sections = [plots.STYLE, *_sections(run, judged, faults)]
    if faults or not run.asked:
        return page(title, f"not as it was meant: {'; '.join(faults) or 'nothing was asked'}", "fail", facts, sections)
    if broken:
        words = ", ".join(f"{line.kind}: {line.measure}" for line in broken)
        return page(title, f"{len(broken)} of {len(judged)} limits broken: {words}", "fail", facts, sections)
    if not judged:
        return page(title, "no limits to hold this against", "unsure", facts, sections)
    return page(title, f"all {len(judged)} limits kept", "pass", facts, sections)


def _sections(run: Run, judged: Sequence[Judged], faults: Sequence[str]) -> Iterable[Html]:
    if faults:
        yield section("Faults", *(paragraph(fault) for fault in faults))
    if judged:
        yield section(
            "Limits", paragraph("What was found, and beside it the limit (loadtests/limits.yaml)."), _limits(judged)
        )
    if not run.asked:
        return
    words = (
        f"Percentiles are of {figures.bin_seconds(run)} s each, of warm answers alone. A dot is an answer at the "
        "moment when it was there; a cold one waited for a process to start. The scale is logarithmic."
    )
    yield section("Time to an answer", paragraph(words), figures.drawn(run, figures.latency(run)))
    yield section("Answers a second", figures.drawn(run, figures.rates(run)))
    if run.timeline.looks:
        yield section("Processes", *_processes(run))
    if run.wanted:
        yield section("Split", *_split(run))
    yield section("Requests", kinds(found_in(run)))


def _limits(judged: Sequence[Judged]) -> Html:
    """Return a table with a row for each measure and a column for each kind: what was found beside its limit."""
    kinds = list(dict.fromkeys(line.kind for line in judged))
    cells = {(line.measure, line.kind): line for line in judged}
    measures = dict.fromkeys(line.measure for line in judged)
    rows = ((text(measure), *(_cell(cells.get((measure, kind))) for kind in kinds)) for measure in measures)
    return grid(("", *kinds), rows)


def _cell(line: Judged | None) -> Html:
    if line is None:
        return text("")
    limit = line.limit.replace("<=", "≤").replace(">=", "≥")
    return Html(f"{toned(line.found, 'pass' if line.kept else 'fail')} <span class=dim>{text(limit)}</span>")


def _processes(run: Run) -> Iterable[Html]:
    span = run.begin_seconds, run.end_seconds
    seconds = run.timeline.process_seconds(*span)
    longest = sorted(seconds.items(), key=lambda item: -item[1])
    whole = found_whole(run)
    words = [f"{sum(seconds.values()):,.0f} process-seconds in {span[1] - span[0]:,.0f} s"]
    if whole.usd_per_million is not None:
        words.append(f"{whole.usd_per_million:,.3f} USD for a million right answers (loadtests/prices.yaml)")
    if whole.asleep_percent is not None:
        words.append(f"{whole.asleep_percent:.0f} % of the models asleep on average")
    yield paragraph(", ".join(words) + ".")
    yield figures.drawn(run, figures.processes(run))
    rows = ((text(name), text(f"{length:,.1f}")) for name, length in longest[:MOST_ROWS])
    yield grid(("version", "#process-seconds"), rows)


def _split(run: Run) -> Iterable[Html]:
    yield figures.drawn(run, figures.split(run))
    yield grid(
        ("from", "wanted", "observed", "#answers", "#points off"),
        (
            (
                text(f"{max(0.0, period.wanted.at_seconds - run.begin_seconds):.1f} s"),
                text(_shares(period.wanted.percents)),
                text(_shares(period.observed_percents)),
                text(f"{period.answers:,}"),
                text(f"{period.deviation_percent:.1f}"),
            )
            for period in run.periods()
        ),
    )


def _shares(percents: Mapping[str, float]) -> str:
    return ", ".join(f"v{version} {percent:.3g} %" for version, percent in sorted(percents.items()))


def kinds(found: Mapping[str, Found]) -> Html:
    """Return a row for each kind of request: how often it ended how, and in what time."""
    heads = ("request", "#right", "#errors", "#lost", "#wrong", "#/s", "#warm p50 ms", "#warm p99 ms", "#cold")
    return grid(
        (*heads, "#cold p50 ms", "#cold p99 ms"),
        (
            (
                text(kind),
                *(text(f"{each:,}") for each in (row.right, row.errors, row.lost, row.wrong)),
                text(f"{row.requests_per_second:,.1f}"),
                text(_ms(row.warm_p50_ms)),
                text(_ms(row.warm_p99_ms)),
                text(f"{row.cold_answers:,}"),
                text(_ms(row.cold_p50_ms)),
                text(_ms(row.cold_p99_ms)),
            )
            for kind, row in found.items()
        ),
    )


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f}"
