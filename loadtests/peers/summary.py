"""From visits to medians and their spans, by model and server. Nothing here measures or writes."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from loadtests.peers.rows import OURS
from loadtests.peers.tour import Visit


class Span(NamedTuple):
    """The median of what rounds found, between the least and the most of them."""

    median: float
    low: float
    high: float


class Summary(NamedTuple):
    """A server's spans over its visits with one model; None where nothing was measured."""

    cold_ms: Span
    requests_per_second: Span | None
    p50_many_ms: Span | None
    p99_many_ms: Span | None
    p50_one_ms: Span | None
    p99_one_ms: Span | None
    pss_mb: Span | None
    cpu_us: Span | None
    wrk_us: Span | None
    errors: int


Found = Mapping[str, Mapping[str, Summary]]
"""Summaries by model and row, in the order of the tables."""
Field = Callable[[Summary], Span | None]
"""What of a summary is compared."""


def summarize(visits: Sequence[Visit]) -> dict[str, dict[str, Summary]]:
    """Return the summaries, in the order of the visits; a row that begins a later round keeps its place."""
    models = dict.fromkeys(visit.model for visit in visits)
    rows = dict.fromkeys(visit.row for visit in visits)
    by_both = {
        model: {row: [one for one in visits if (one.model, one.row) == (model, row)] for row in rows}
        for model in models
    }
    return {model: {row: _summary(some) for row, some in of.items() if some} for model, of in by_both.items()}


def best(found: Mapping[str, Summary], field: Field, *, highest: bool) -> str | None:
    """Return the row of the peer with the highest or lowest median, None where none was measured."""
    medians = {row: span.median for row, each in found.items() if row != OURS and (span := field(each))}
    choose = max if highest else min
    return choose(medians, key=lambda row: medians[row]) if medians else None


def ratio(found: Mapping[str, Summary], field: Field, peer: str | None) -> float | None:
    """Return our median, times a peer's."""
    mine, theirs = (field(found[row]) if row in found else None for row in (OURS, peer or ""))
    return mine.median / theirs.median if mine and theirs else None


def _summary(visits: Sequence[Visit]) -> Summary:
    one = [visit.one for visit in visits if visit.one]
    many = [visit.many for visit in visits if visit.many]
    return Summary(
        cold_ms=_known([visit.cold_ms for visit in visits]),
        requests_per_second=_span(seen.requests_per_second for seen in many),
        p50_many_ms=_span(seen.p50_ms for seen in many),
        p99_many_ms=_span(seen.p99_ms for seen in many),
        p50_one_ms=_span(seen.p50_ms for seen in one),
        p99_one_ms=_span(seen.p99_ms for seen in one),
        pss_mb=_span(visit.pss_mb for visit in visits if visit.pss_mb is not None),
        cpu_us=_span(seen.cpu_us for seen in many),
        wrk_us=_span(seen.wrk_us for seen in many),
        errors=sum(seen.errors for seen in (*one, *many)),
    )


def _span(values: Iterable[float]) -> Span | None:
    known = list(values)
    return _known(known) if known else None


def _known(values: Sequence[float]) -> Span:
    return Span(statistics.median(values), min(values), max(values))
