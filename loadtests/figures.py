"""From a run to its figures: latency, answers a second, processes by version, split observed and wanted; pure."""

from collections.abc import Sequence
from math import ceil

from loadtests import plots
from loadtests.asked import Asked, Outcome
from loadtests.found import Run, percentile_ms
from loadtests.plots import BAD, Panel, Point, Scale, Series, colour
from poorwill.pipeline.page import Html

MOST_BINS = 120
MOST_DOTS = 2000
FEWEST_OF_A_BIN = 10  # answers, on average; of fewer each is drawn
MOST_VERSIONS = 6
PERCENTILES = {"p50 warm": 0.5, "p90 warm": 0.9, "p99 warm": 0.99}


def bin_seconds(run: Run) -> int:
    """Return how long the bins of a run's figures are: whole seconds."""
    return max(1, ceil((run.end_seconds - run.begin_seconds) / MOST_BINS))


def latency(run: Run) -> Panel:
    """Return warm answers over time, as percentiles or one by one, each cold one as a dot, each failure as a cross."""
    pairs = list(zip(run.asked, run.cold(), strict=True))
    warm = [one for one, cold in pairs if not cold and one.outcome == Outcome.RIGHT]
    series = _percentiles(run, warm) if has_percentiles(run, len(warm)) else []
    if not series and warm:
        series = [Series("warm answer", _thinned(_ended(run, warm)), "dots", colour(0))]
    cold_dots = _thinned(_ended(run, [one for one, cold in pairs if cold and one.outcome == Outcome.RIGHT]))
    failed = _thinned(_ended(run, [one for one, _ in pairs if one.outcome != Outcome.RIGHT]))
    series += [Series("cold start", cold_dots, "dots", colour(1))] if cold_dots else []
    series += [Series("error, lost or wrong", failed, "crosses", BAD)] if failed else []
    values = [value for each in series for _, value in each.points if value]
    return _figure(run, series, plots.logarithmic(values), "ms", "time to answers, warm and cold")


def has_percentiles(run: Run, answers: int) -> bool:
    """Return whether so many answers are enough for percentiles over time."""
    length_seconds = run.end_seconds - run.begin_seconds
    return answers * bin_seconds(run) >= FEWEST_OF_A_BIN * length_seconds


def rates(run: Run) -> Panel:
    """Return right answers a second, kind upon kind."""
    return stacked(run, right_series(run), "/s", "right answers a second, kind upon kind")


def right_series(run: Run) -> list[Series]:
    """Return how many right answers came a second, by kind."""
    return [
        Series(
            kind,
            rate(run, [one for one in run.asked if one.kind == kind and one.outcome == Outcome.RIGHT]),
            "area",
            colour(number),
        )
        for number, kind in enumerate(sorted({one.kind for one in run.asked}))
    ]


def rate(run: Run, asked: Sequence[Asked]) -> list[Point]:
    """Return how many of a run's requests ended a second."""
    width = bin_seconds(run)
    points: list[Point] = [(place * width + width / 2, len(some) / width) for place, some in _bins(run, asked)]
    return points[:-1] or points  # the last bin is cut short


def processes(run: Run) -> Panel:
    """Return how many processes each version had, version upon version; of many versions, how many had one."""
    looks = run.timeline.looks
    versions = sorted({version for seen in looks for version in seen.processes})
    if len(versions) > MOST_VERSIONS:
        awake = [_look(run, seen.at_seconds, len(seen.processes)) for seen in looks]
        series = [Series(f"versions awake, of {run.models or len(versions)}", _held(run, awake), "steps")]
        return stacked(run, series, "", "versions that are awake", whole=True)
    series = [
        Series(
            version,
            _held(run, [_look(run, seen.at_seconds, seen.processes.get(version, 0)) for seen in looks]),
            "steps",
            colour(number),
        )
        for number, version in enumerate(versions)
    ]
    return stacked(run, series, "", "processes, version upon version", whole=True)


def split(run: Run) -> Panel:
    """Return which share of answers each version had, and which share it should have had."""
    right = [one for one in run.asked if one.model == run.model and one.outcome == Outcome.RIGHT]
    width = max(2, bin_seconds(run))
    series = []
    for number, version in enumerate(sorted({name for wanted in run.wanted for name in wanted.percents})):
        share: list[Point] = [
            (place * width + width / 2, 100 * sum(one.version == version for one in some) / len(some) if some else None)
            for place, some in _bins(run, right, width)
        ]
        share = share[:-1] or share  # the last bin is cut short
        wanted = [_look(run, one.at_seconds, one.percents.get(version, 0)) for one in run.wanted]
        series.append(Series(f"v{version} wanted", _held(run, wanted), "dashed", colour(number)))
        series.append(Series(f"v{version} observed", share, "line", colour(number)))
    return _figure(run, series, Scale(0, 100), "%", "split observed against split wanted")


def _figure(run: Run, series: Sequence[Series], scale: Scale, unit: str, told: str) -> Panel:
    return Panel(series, scale, unit, told, run.marks)


def drawn(run: Run, panel: Panel) -> Html:
    """Return a figure of the run, for its page."""
    return plots.plot(panel, run.end_seconds - run.begin_seconds)


def picture(run: Run, panels: Sequence[Panel], told: str) -> str:
    """Return those of the figures that show something, as an SVG file."""
    return plots.picture([each for each in panels if each.series], run.end_seconds - run.begin_seconds, told=told)


def run_picture(run: Run, told: str) -> str:
    """Return time to answers, answers a second, processes and split, as far as there are any, as an SVG file."""
    return picture(run, (latency(run), rates(run), processes(run), split(run)), told)


def stacked(run: Run, series: Sequence[Series], unit: str, told: str, *, whole: bool = False) -> Panel:
    """Return a figure of series, each upon those before it."""
    piled = plots.stacked(series)
    values = [value for each in piled for _, value in each.points if value]
    return _figure(run, piled, plots.linear(values, whole=whole), unit, told)


def _percentiles(run: Run, warm: Sequence[Asked]) -> list[Series]:
    width, bins = bin_seconds(run), _bins(run, warm)
    bins = bins[:-1] or bins  # the last one is cut short
    return [
        Series(
            name,
            [(place * width + width / 2, percentile_ms([one.took_ms for one in some], ratio)) for place, some in bins],
            colour=colour(number),
        )
        for number, (name, ratio) in zip((2, 0, 3), PERCENTILES.items(), strict=True)
    ]


def _bins(run: Run, asked: Sequence[Asked], width_seconds: int = 0) -> list[tuple[int, list[Asked]]]:
    """Return the requests by the bin in which they ended, empty bins as well."""
    width = width_seconds or bin_seconds(run)
    found: list[list[Asked]] = [[] for _ in range(int((run.end_seconds - run.begin_seconds) / width) + 1)]
    begin_seconds = run.begin_seconds  # which looks at all requests
    for one in asked:
        found[int((one.ended_seconds - begin_seconds) / width)].append(one)
    return list(enumerate(found))


def _ended(run: Run, asked: Sequence[Asked]) -> list[Point]:
    begin_seconds = run.begin_seconds
    return [(one.ended_seconds - begin_seconds, max(one.took_ms, 0.01)) for one in asked]


def _look(run: Run, at_seconds: float, value: float) -> Point:
    return max(0.0, at_seconds - run.begin_seconds), value


def _held(run: Run, points: Sequence[Point]) -> list[Point]:
    """Return points with the last one held to the end of the run."""
    length_seconds = run.end_seconds - run.begin_seconds
    within = [point for point in points if point[0] <= length_seconds]
    return [*within, (length_seconds, within[-1][1])] if within else []


def _thinned(points: list[Point]) -> list[Point]:
    """Return so few of many points that a browser draws them, the slowest among them."""
    if len(points) <= MOST_DOTS:
        return points
    slowest = sorted(points, key=lambda point: -(point[1] or 0))
    return [*slowest[: MOST_DOTS // 10], *points[:: ceil(len(points) / MOST_DOTS)]]
