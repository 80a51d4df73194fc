"""From requests to what limits are held against: counts, percentiles warm and cold apart, rates, cost; pure."""

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

from loadtests.asked import Asked, Outcome
from loadtests.cold import cold_ones
from loadtests.plots import Mark
from loadtests.timeline import Timeline
from loadtests.wanted_split import Period, Wanted, deviation_percent, periods

MILLION = 1_000_000
SHORTEST_SECONDS = 1.0  # one request has no rate


class Found(NamedTuple):
    """What one kind of request showed; a percentile is None where nothing of that sort was right."""

    right: int = 0
    errors: int = 0
    lost: int = 0
    wrong: int = 0
    warm_p50_ms: float | None = None
    warm_p99_ms: float | None = None
    cold_answers: int = 0
    cold_p50_ms: float | None = None
    cold_p99_ms: float | None = None
    requests_per_second: float = 0.0


class Run(NamedTuple):
    """All that was recorded of a run."""

    asked: Sequence[Asked]
    timeline: Timeline
    wanted: Sequence[Wanted] = ()
    model: str = "digits"  # whose split that is
    models: int = 0  # of a long tail; 0 is none
    marks: Sequence[Mark] = ()  # of what was done to it; seconds since it began

    @property
    def begin_seconds(self) -> float:
        """Return when the first request was sent."""
        return min((one.sent_seconds for one in self.asked), default=0.0)

    @property
    def end_seconds(self) -> float:
        """Return when the last answer was here."""
        return max((one.ended_seconds for one in self.asked), default=0.0)

    @property
    def right(self) -> int:
        """Return how many answers were right."""
        return sum(one.outcome == Outcome.RIGHT for one in self.asked)

    def cold(self) -> list[bool]:
        """Return, request by request, whether it waited for a start."""
        return cold_ones(self.asked, self.timeline)

    def periods(self) -> list[Period]:
        """Return each split that was wanted beside what answered."""
        return list(periods(self.asked, self.wanted, self.model))


class FoundWhole(NamedTuple):
    """What a run showed as a whole; None where it was not measured."""

    usd_per_million: float | None = None
    split_deviation_percent: float | None = None
    asleep_percent: float | None = None


def found_in(run: Run) -> dict[str, Found]:
    """Return what was found, by kind of request."""
    sorts: dict[str, list[tuple[Asked, bool]]] = {}
    for one, cold in zip(run.asked, run.cold(), strict=True):
        sorts.setdefault(one.kind, []).append((one, cold))
    return {kind: _found(pairs) for kind, pairs in sorted(sorts.items())}


def found_whole(run: Run) -> FoundWhole:
    """Return what was found of the run as a whole."""
    span = run.begin_seconds, run.end_seconds
    usd = run.timeline.usd(*span)
    return FoundWhole(
        usd_per_million=usd / run.right * MILLION if usd and run.right else None,
        split_deviation_percent=deviation_percent(run.periods()),
        asleep_percent=run.timeline.asleep_percent(run.models, *span),
    )


def percentile_ms(times_ms: Sequence[float], ratio: float) -> float | None:
    """Return the smallest time that so large a share of all does not exceed; None of none."""
    ordered = sorted(times_ms)
    return ordered[max(1, ceil(ratio * len(ordered))) - 1] if ordered else None


def _found(pairs: Sequence[tuple[Asked, bool]]) -> Found:
    asked = [one for one, _ in pairs]
    right = [(one.took_ms, cold) for one, cold in pairs if one.outcome == Outcome.RIGHT]
    warm, cold = ([took for took, was in right if was == wanted] for wanted in (False, True))
    length_seconds = max(one.ended_seconds for one in asked) - min(one.sent_seconds for one in asked)
    return Found(
        right=len(right),
        errors=sum(one.outcome == Outcome.ERROR for one in asked),
        lost=sum(one.outcome == Outcome.LOST for one in asked),
        wrong=sum(one.outcome == Outcome.WRONG for one in asked),
        warm_p50_ms=percentile_ms(warm, 0.5),
        warm_p99_ms=percentile_ms(warm, 0.99),
        cold_answers=len(cold),
        cold_p50_ms=percentile_ms(cold, 0.5),
        cold_p99_ms=percentile_ms(cold, 0.99),
        requests_per_second=len(right) / max(length_seconds, SHORTEST_SECONDS),
    )
