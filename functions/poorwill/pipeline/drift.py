"""How far new data lies from its reference, and how far chance alone would have put it in so few rows."""

from collections.abc import Sequence
from math import log, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

_ADDED = 0.5  # to each count, so that an empty bin has a logarithm
_FALSE_ALARM_RATIO = 0.001  # of runs, for each kind of check, in which any column at all fails by chance
_HALVINGS = 50


def stability_index(reference: Sequence[int], now: Sequence[int]) -> float:
    """Return the population stability index of counts in the same bins; 0 where one of them has none."""
    if not sum(reference) or not sum(now):
        return 0.0
    expected, found = (_shares(counts) for counts in (reference, now))
    return float(np.sum((found - expected) * np.log(found / expected)))


def by_chance(reference: Sequence[int], now: Sequence[int], columns: int) -> float:
    """Return what the index of one of so many columns hardly ever exceeds where nothing has changed.

    With N and M rows in B bins, the index over (1/N + 1/M) is chi-squared with B - 1 degrees of freedom.
    """
    freedom, rows, now_rows = len(reference) - 1, sum(reference), sum(now)
    if freedom < 1 or not rows or not now_rows:
        return 0.0
    deviations = NormalDist().inv_cdf(1 - _FALSE_ALARM_RATIO / max(1, columns))
    # Wilson and Hilferty's quantile: right for many bins, a tenth too high for two
    part = 2 / (9 * freedom)
    return float(freedom * (1 - part + deviations * sqrt(part)) ** 3 * (1 / rows + 1 / now_rows))


def percent_by_chance(limit_percent: float, rows: int, columns: int) -> float:
    """Return what a percent of so many rows hardly ever exceeds where the truth is the limit.

    By Chernoff's bound: the chance of a share q or more is at most exp(-rows * KL(q, limit)).
    """
    limit, low, high = limit_percent / 100, limit_percent / 100, 1.0
    if not 0 < limit < 1 or not rows:
        return limit_percent
    enough = log(max(1, columns) / _FALSE_ALARM_RATIO) / rows
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if _divergence(middle, limit) > enough else (middle, high)
    return high * 100


def _divergence(share_ratio: float, limit_ratio: float) -> float:
    """Return Kullback and Leibler's divergence of two coins."""
    rest = (1 - share_ratio) * log((1 - share_ratio) / (1 - limit_ratio)) if share_ratio < 1 else 0.0
    return share_ratio * log(share_ratio / limit_ratio) + rest


def _shares(counts: Sequence[int]) -> NDArray[np.float64]:
    raised: NDArray[np.float64] = np.asarray(counts, np.float64) + _ADDED
    return raised / float(raised.sum())
