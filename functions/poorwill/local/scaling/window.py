"""Averages of what was measured lately, in buckets of one second, and the maximum of what was wanted lately.

From knative/serving pkg/autoscaler/aggregation. Times are seconds of a clock that never goes back.
"""

import math
from collections import deque

_NEVER = -(10**12)
"""Before any time of any clock."""

_SMALLEST_SMOOTHING = 0.2
_WEIGHT_COVERED = 0.9999


class Window:
    """A ring of one bucket a second whose average is that of its buckets, for as long as it has been written."""

    def __init__(self, seconds: float) -> None:
        self._size = math.ceil(seconds)
        self._buckets = [0.0] * self._size
        self._first = self._last = _NEVER
        self._total = 0.0

    def record(self, now: float, value: float) -> None:
        """Add a value to the second of now; the seconds since the last write count as zero."""
        second = math.floor(now)
        if second - self._last >= self._size:
            self._first = second
            self._buckets = [0.0] * self._size
            self._total = 0.0
        for passed in range(max(self._last + 1, second - self._size + 1), second + 1):
            self._total -= self._buckets[passed % self._size]
            self._buckets[passed % self._size] = 0.0
        self._last = second
        self._buckets[second % self._size] += value
        self._total += value

    def average(self, now: float) -> float:
        """Return the average of the window, less the seconds before the first write and after the last."""
        stale = self._stale(now)
        if stale >= self._size:
            return 0.0
        total = self._total
        for passed in range(self._last + 1, self._last + stale + 1):
            total -= self._buckets[passed % self._size]
        return _rounded(total / min(self._last - self._first + 1, self._size - stale))

    def is_empty(self, now: float) -> bool:
        """Tell whether nothing was written for longer than the window."""
        return self._stale(now) > self._size

    def _stale(self, now: float) -> int:
        return math.floor(now) - self._last


class WeightedWindow(Window):
    """The same ring; each second weighs a fixed share less than the one after it, so new load counts most."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self._smoothing = max(1 - (1 - _WEIGHT_COVERED) ** (1 / self._size), _SMALLEST_SMOOTHING)

    def average(self, now: float) -> float:
        """Return the weighted average; seconds that were not written count as zero."""
        stale = self._stale(now)
        weight = self._smoothing * (1 - self._smoothing) ** stale
        average = 0.0
        for age in range(self._size - stale):
            average += self._buckets[(self._last - age) % self._size] * weight
            weight *= 1 - self._smoothing
        return average


class Highest:
    """The highest of the counts recorded in the last seconds, in steps of a fixed width."""

    def __init__(self, seconds: float, step_seconds: float) -> None:
        self._size = math.ceil(seconds / step_seconds)
        self._step_seconds = step_seconds
        self._falling: deque[tuple[int, int]] = deque()  # (step, count): old and high to new and low

    def record(self, now: float, count: int) -> int:
        """Take a count and return the highest within the window; the count is within it."""
        step = math.floor(now / self._step_seconds)
        while self._falling and self._falling[-1][1] <= count:
            self._falling.pop()
        while self._falling and step - self._falling[0][0] >= self._size:
            self._falling.popleft()
        self._falling.append((step, count))
        return self._falling[0][1]


def _rounded(value: float) -> float:
    """Round to six digits, halves away from zero, as Knative does; Python's round goes to even."""
    scaled = abs(value) * 1e6
    whole = math.floor(scaled)
    return math.copysign((whole + (scaled - whole >= 0.5)) / 1e6, value)
