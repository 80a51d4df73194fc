"""Limits of faults and soaks: read from limits.yaml beside this file, held against what was found."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from loadtests.asked import Asked
from loadtests.faults.recovery import Recovered
from loadtests.limits import Judged

FILE = Path(__file__).with_name("limits.yaml")


class FaultLimits(NamedTuple):
    """What a run of faults must keep."""

    first_right_limit_seconds: float
    rate_back_limit_seconds: float


class SoakLimits(NamedTuple):
    """What a soak must keep, an hour each."""

    memory_slope_limit_mb_per_hour: float
    descriptors_slope_limit_per_hour: float
    threads_slope_limit_per_hour: float
    journal_slope_limit_mb_per_hour: float


def read_faults() -> FaultLimits:
    """Return the limits of a run of faults; a name that is missing or unknown is a TypeError."""
    return FaultLimits(**yaml.safe_load(FILE.read_text())["faults"])


def read_soak() -> SoakLimits:
    """Return the limits of a soak; a name that is missing or unknown is a TypeError."""
    return SoakLimits(**yaml.safe_load(FILE.read_text())["soak"])


def judge(found: Sequence[Recovered], before: Sequence[Asked], limits: FaultLimits) -> list[Judged]:
    """Return every limit with its judgement; `before` is what failed before the first fault."""
    return [
        at_most("before the first fault", "failures", 0, len(before)),
        *(line for each in found for line in _of_one(each, limits)),
    ]


def at_most(kind: str, measure: str, limit: float, found: float | None, digits: int = 0) -> Judged:
    """Return one limit with its judgement; what never came breaks it."""
    shown = "none" if found is None else f"{found:,.{digits}f}"
    return Judged(kind, measure, f"<= {limit:,g}", shown, found is not None and found <= limit)


def _of_one(each: Recovered, limits: FaultLimits) -> Iterator[Judged]:
    kind, lasted = str(each.fault), round(each.lasted_seconds, 1)
    first, back = limits.first_right_limit_seconds + lasted, limits.rate_back_limit_seconds + lasted
    yield at_most(kind, "wrong answers", 0, each.wrong)
    yield at_most(kind, "acknowledged events lost", 0, each.events_lost)
    yield at_most(kind, "refusals that are not documented", 0, each.undocumented.total())
    yield at_most(kind, "first right answer, s", first, each.first_right_seconds, 1)
    yield at_most(kind, "rate of answers back, s", back, each.rate_back_seconds, 1)
