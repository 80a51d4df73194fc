"""From visits to a table: medians, goals with what was found, and Markdown. Nothing here measures or writes."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from loadtests.bench.contenders import FASTAPI, FRAMEWORK, POORWILL
from loadtests.bench.image import ImageTimes
from loadtests.bench.running import Measured

MARK = "bench"
_LARGE = 100


class Visit(NamedTuple):
    """One start of one contender; a visit for the cold start alone carries no load, and no load without wrk."""

    contender: str
    cold_ms: float
    pss_mb: float | None = None
    one: Measured | None = None
    many: Measured | None = None


class Summary(NamedTuple):
    """Medians over a contender's visits; None where nothing was measured."""

    cold_ms: float
    requests_per_second: float | None
    p99_many_ms: float | None
    p50_one_ms: float | None
    p99_one_ms: float | None
    pss_mb: float | None
    cpu_us: float | None
    errors: int


class Goal(NamedTuple):
    """A ratio that was promised: `found` must be at least, or at most, `wanted`; None where it was not measured."""

    sentence: str
    wanted: float
    found: float | None
    at_least: bool

    @property
    def verdict(self) -> str:
        """Return met, not met or not measured."""
        if self.found is None:
            return "not measured"
        return "met" if (self.found >= self.wanted) == self.at_least or self.found == self.wanted else "**not met**"


def summarize(visits: Sequence[Visit]) -> dict[str, Summary]:
    """Return the medians by contender, in the order of the visits."""
    names = dict.fromkeys(visit.contender for visit in visits)
    return {name: _summary([visit for visit in visits if visit.contender == name]) for name in names}


def _summary(visits: Sequence[Visit]) -> Summary:
    one = [visit.one for visit in visits if visit.one]
    many = [visit.many for visit in visits if visit.many]
    return Summary(
        cold_ms=statistics.median(visit.cold_ms for visit in visits),
        requests_per_second=_median(seen.requests_per_second for seen in many),
        p99_many_ms=_median(seen.p99_ms for seen in many),
        p50_one_ms=_median(seen.p50_ms for seen in one),
        p99_one_ms=_median(seen.p99_ms for seen in one),
        pss_mb=_median(visit.pss_mb for visit in visits if visit.pss_mb is not None),
        cpu_us=_median(seen.cpu_us for seen in many),
        errors=sum(seen.errors for seen in (*one, *many)),
    )


def goals(found: dict[str, Summary], image: ImageTimes) -> list[Goal]:
    """Return what was promised beside what was found."""

    def ratio(field: Callable[[Summary], float | None], peer: str) -> float | None:
        mine, theirs = field(found[POORWILL]), field(found[peer])
        return None if mine is None or theirs is None else mine / theirs

    def requests(summary: Summary) -> float | None:
        return summary.requests_per_second

    def p99(summary: Summary) -> float | None:
        return summary.p99_many_ms

    return [
        Goal("requests a second, times functions-framework", 20, ratio(requests, FRAMEWORK), at_least=True),
        Goal("requests a second, times FastAPI", 5, ratio(requests, FASTAPI), at_least=True),
        Goal("p99 at 64 connections, share of functions-framework's", 1 / 3, ratio(p99, FRAMEWORK), at_least=False),
        Goal("p99 at 64 connections, share of FastAPI's", 1 / 3, ratio(p99, FASTAPI), at_least=False),
        Goal("cold start, share of functions-framework's", 0.6, ratio(lambda s: s.cold_ms, FRAMEWORK), at_least=False),
        Goal("memory (PSS), share of FastAPI's", 1, ratio(lambda s: s.pss_mb, FASTAPI), at_least=False),
        Goal("a 3x224x224 image: binary, times faster than JSON", 10, image.json_ms / image.binary_ms, at_least=True),
    ]


def markdown(found: dict[str, Summary], image: ImageTimes, *, header: str) -> str:
    """Return the page: when and where, what was promised, what was measured."""
    measured = table(
        ("", "req/s, 64 conn.", "p99 ms, 64", "p50 ms, 1", "p99 ms, 1", "cold start ms", "PSS MB", "CPU us/req", "bad"),
        (
            (
                name,
                number(row.requests_per_second, 0),
                number(row.p99_many_ms, 1),
                number(row.p50_one_ms, 2),
                number(row.p99_one_ms, 2),
                number(row.cold_ms, 0),
                number(row.pss_mb, 0),
                number(row.cpu_us, 0),
                str(row.errors),
            )
            for name, row in found.items()
        ),
    )
    picture = (
        f"A 3x224x224 FP32 image, one connection: {image.json_ms:.1f} ms as JSON ({image.json_bytes:,} bytes), "
        f"{image.binary_ms:.2f} ms as a binary tensor ({image.binary_bytes:,} bytes)."
    )
    return f"{header}\n\n{measured}\n\n{picture}\n\n{goal_table(goals(found, image))}\n"


def goal_table(promised: Sequence[Goal]) -> str:
    """Return a row for each goal: what was wanted, what was found, and the verdict."""
    return table(
        ("goal", "wanted", "found", ""),
        (
            (
                goal.sentence,
                f"{'at least' if goal.at_least else 'at most'} {_short(goal.wanted)}",
                number(goal.found, 0 if goal.wanted >= _LARGE else 2),
                goal.verdict,
            )
            for goal in promised
        ),
    )


def replace_between_markers(page: str, content: str, mark: str = MARK) -> str:
    """Return the page with what stands between the mark's two comments replaced.

    Raises:
        ValueError: one of them is missing.
    """
    first, last = f"<!-- {mark}:begin -->", f"<!-- {mark}:end -->"
    before, begin, rest = page.partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise ValueError(f"wanted {first} and {last} in the page")
    return f"{before}{begin}\n{content}{end}{after}"


def members(value: object) -> object:
    """Return a value with its tuples' names, for JSON."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: members(each) for name, each in value._asdict().items()}
    if isinstance(value, dict):
        return {name: members(each) for name, each in value.items()}
    return [members(each) for each in value] if isinstance(value, list) else value


def number(value: float | None, digits: int) -> str:
    """Return a number for a table, a dash for none."""
    return "-" if value is None else f"{value:,.{digits}f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table whose first column is words."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= _LARGE else f"{value:.2g}"


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None
