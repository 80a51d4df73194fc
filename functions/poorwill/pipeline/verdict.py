"""The verdict on a model: each limit beside what was measured, and what follows; pure."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from poorwill.pipeline.metrics import METRICS, Measured
from poorwill.pipeline.spec import Limit

Word = Literal["pass", "fail", "inconclusive"]


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One limit: what it demands, what was measured, and whether that settles it."""

    metric: str
    wanted: str
    limit: float
    value: float
    low: float
    high: float
    verdict: Word
    note: str = ""


def judged(limit: Limit, found: Measured, worse: Measured | None, why_not: str = "") -> Iterable[Judged]:
    """Yield each demand of a limit with its verdict.

    Args:
        limit: what is demanded.
        found: the metric, with its interval.
        worse: by how much it is worse than the version now serving; None where there is none to compare with.
        why_not: why the version that serves can't be compared; "" where nothing serves.
    """
    if limit.at_least is not None:
        verdict = _beyond(found.low, found.high, limit.at_least)
        yield _judged(limit.metric, f"at least {limit.at_least:g}", limit.at_least, found, verdict)
    if limit.at_most is not None:
        verdict = _beyond(-found.high, -found.low, -limit.at_most)
        yield _judged(limit.metric, f"at most {limit.at_most:g}", limit.at_most, found, verdict)
    if limit.worse_than_serving is not None:
        wanted = f"at most {limit.worse_than_serving:g} worse than the version that serves"
        if worse is None:
            verdict = "inconclusive" if why_not else "pass"
            note = why_not or "nothing serves yet"
            yield _judged(limit.metric, wanted, limit.worse_than_serving, found, verdict, note)
        else:
            verdict = _beyond(-worse.high, -worse.low, -limit.worse_than_serving)
            yield _judged(limit.metric, wanted, limit.worse_than_serving, worse, verdict)


def overall(limits: Iterable[Judged]) -> Word:
    """Return fail where one failed, inconclusive where one is, else pass."""
    words = {limit.verdict for limit in limits}
    return "fail" if "fail" in words else "inconclusive" if "inconclusive" in words else "pass"


def better(metric: str) -> str:
    """Return which way a metric gets better, in a word."""
    return "higher" if METRICS[metric].higher_is_better else "lower"


def _beyond(low: float, high: float, wanted: float) -> Word:
    """Return whether an interval lies above a value: wholly, not at all, or in part."""
    if low >= wanted:
        return "pass"
    return "fail" if high < wanted else "inconclusive"


def _judged(metric: str, wanted: str, limit: float, found: Measured, verdict: Word, note: str = "") -> Judged:
    value, low, high, _ = found
    return Judged(
        metric=metric, wanted=wanted, limit=limit, value=value, low=low, high=high, verdict=verdict, note=note
    )
