"""The split that was wanted, and how far what answered was from it; pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from loadtests.asked import Asked, Outcome

SETTLE_SECONDS = 1.0  # requests under way at a change were drawn by the split before


class Wanted(NamedTuple):
    """From when on a model's Route led so: percents by version."""

    at_seconds: float  # since the epoch
    percents: Mapping[str, int]


class Period(NamedTuple):
    """One split as long as it held, beside what answered meanwhile."""

    wanted: Wanted
    answers: int
    observed_percents: Mapping[str, float]

    @property
    def deviation_percent(self) -> float:
        """Return the largest difference of a version's share, in percentage points."""
        versions = {*self.wanted.percents, *self.observed_percents}
        observed, wanted = self.observed_percents, self.wanted.percents
        return max((abs(observed.get(name, 0) - wanted.get(name, 0)) for name in versions), default=0.0)


def periods(asked: Sequence[Asked], wanted: Sequence[Wanted], model: str) -> Iterator[Period]:
    """Yield each split with what the model's versions answered while it held."""
    ends = [one.at_seconds for one in wanted[1:]] + [float("inf")] * bool(wanted)
    right = [one for one in asked if one.model == model and one.outcome == Outcome.RIGHT]
    for split, end in zip(wanted, ends, strict=True):
        begin = split.at_seconds + SETTLE_SECONDS
        counted = Counter(one.version for one in right if begin <= one.sent_seconds < end)
        total = counted.total()
        yield Period(split, total, {name: 100 * count / total for name, count in sorted(counted.items())})


def deviation_percent(found: Sequence[Period]) -> float | None:
    """Return the largest deviation of all periods, None where no split was wanted or one was not answered at all."""
    return max(period.deviation_percent for period in found) if found and all(one.answers for one in found) else None
