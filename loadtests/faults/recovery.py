"""From requests and the moments of faults to what each cost: what was told, how long until all was as before; pure."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from loadtests.asked import NO_REPLY, Asked, Outcome
from loadtests.digits import MODEL
from loadtests.faults.documented import CALLER, DOCUMENTED, EVENT, NOTHING, STEADY
from loadtests.faults.harm import Struck
from loadtests.faults.schedule import Fault

WINDOW_SECONDS = 2.0  # in which answers are counted
STEP_SECONDS = 0.1
RATE_RATIO = 0.9  # of the answers before, which is as before
BEFORE_SECONDS = 4.0  # in which those are counted
OF_ONE_VERSION = (Fault.FUNCTION, Fault.AGAIN, Fault.CLOCK_BACK)
OF_OWN_CALLERS = (Fault.SLOW_STORE, Fault.STORE_AWAY, Fault.LYING_STORE, Fault.CROWD)


class Recovered(NamedTuple):
    """What one fault cost; times are seconds since it began, None where that never came."""

    fault: Fault
    at_seconds: float  # since the run began
    lasted_seconds: float
    asked: int
    right: int
    told: Counter[str]  # in place of answers
    undocumented: Counter[str]
    wrong: int
    events: int  # that were acknowledged
    events_lost: int
    last_failure_seconds: float | None
    first_right_seconds: float | None
    rate_back_seconds: float | None


def recovered(asked: Sequence[Asked], struck: Sequence[Struck]) -> list[Recovered]:
    """Return what each fault cost; a request belongs to the last fault that had begun when it ended."""
    every = sorted([*asked, *(one for each in struck for one in each.asked)], key=lambda one: one.ended_seconds)
    begin_seconds = min((one.sent_seconds for one in every), default=0.0)
    begins = [each.begin_seconds for each in struck]
    sorts: list[list[Asked]] = [[] for _ in struck]
    for one in every:
        place = bisect_right(begins, one.ended_seconds) - 1
        if place >= 0:
            sorts[place].append(one)
    steady = [one.ended_seconds for one in every if one.kind in STEADY and one.outcome == Outcome.RIGHT]
    return [_recovered(each, some, steady, begin_seconds) for each, some in zip(struck, sorts, strict=True)]


def outside(asked: Sequence[Asked], struck: Sequence[Struck]) -> list[Asked]:
    """Return what failed before the first fault."""
    first = struck[0].begin_seconds if struck else float("inf")
    return [one for one in asked if one.ended_seconds < first and one.outcome != Outcome.RIGHT]


def _recovered(each: Struck, some: Sequence[Asked], steady: Sequence[float], begin_seconds: float) -> Recovered:
    failed = [one for one in some if one.outcome in {Outcome.ERROR, Outcome.LOST}]
    documented = DOCUMENTED.get(each.fault, NOTHING)
    events = [one for one in some if one.kind == EVENT]
    kept = [one for one in events if one.outcome == Outcome.RIGHT or one.said == NO_REPLY]
    last = max((one.ended_seconds for one in failed), default=None)
    return Recovered(
        fault=each.fault,
        at_seconds=each.begin_seconds - begin_seconds,
        lasted_seconds=each.mended_seconds - each.begin_seconds,
        asked=len(some),
        right=sum(one.outcome == Outcome.RIGHT for one in some),
        told=Counter(one.said for one in failed),
        undocumented=Counter(one.said for one in failed if not documented.allows(one)),
        wrong=sum(one.outcome == Outcome.WRONG for one in some),
        events=len(kept),
        events_lost=sum(one.said == NO_REPLY for one in kept),
        last_failure_seconds=None if last is None else last - each.begin_seconds,
        first_right_seconds=_first_right(each, some),
        rate_back_seconds=_rate_back(each, steady),
    )


def _first_right(each: Struck, some: Sequence[Asked]) -> float | None:
    """Return when those whom the fault was done to had their first right answer to what they asked after it began."""
    answers = (
        one.ended_seconds - each.begin_seconds
        for one in some
        if one.outcome == Outcome.RIGHT and one.sent_seconds >= each.done_seconds and _is_of(each, one)
    )
    return min(answers, default=None)


def _is_of(each: Struck, one: Asked) -> bool:
    if each.fault in OF_ONE_VERSION:
        return (one.model, one.version) == (MODEL, str(each.version))
    if each.fault in OF_OWN_CALLERS:
        return one.kind == CALLER
    return one.kind == EVENT if each.fault == Fault.FULL_DISK else one.kind in STEADY


def _rate_back(each: Struck, steady: Sequence[float]) -> float | None:
    """Return when the steady load had as many right answers again as before."""
    before = _count(steady, each.begin_seconds - BEFORE_SECONDS, each.begin_seconds) / BEFORE_SECONDS
    wanted = before * WINDOW_SECONDS * RATE_RATIO
    for step in range(int((each.end_seconds - each.begin_seconds) / STEP_SECONDS)):
        begin = each.begin_seconds + step * STEP_SECONDS
        if _count(steady, begin, begin + WINDOW_SECONDS) >= wanted:
            return step * STEP_SECONDS
    return None


def _count(moments: Sequence[float], begin_seconds: float, end_seconds: float) -> int:
    return bisect_right(moments, end_seconds) - bisect_right(moments, begin_seconds)
