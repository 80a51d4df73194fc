"""A wall clock that notices when it was set: what waits for a time of it has to wait for another one then."""

from collections.abc import Callable

_SET_SECONDS = 1.0  # more than a clock is slewed between two looks, less than matters

WasSet = Callable[[float, float], None]
"""Told the earlier of the times that the clock shows and would have shown, and by how much it was set ahead."""


class WatchedClock:
    """Shows a clock's time.

    Args:
        clock: seconds, that may be set.
        steady: seconds that only grow, and go on as time does.
        was_set: told before the new time is shown.
    """

    def __init__(self, clock: Callable[[], float], steady: Callable[[], float], was_set: WasSet) -> None:
        self._clock = clock
        self._steady = steady
        self._was_set = was_set
        self._ahead_seconds = clock() - steady()

    def __call__(self) -> float:
        """Return the time."""
        now, steady = self._clock(), self._steady()
        set_seconds = now - steady - self._ahead_seconds
        self._ahead_seconds = now - steady
        if abs(set_seconds) > _SET_SECONDS:
            self._was_set(now - max(0.0, set_seconds), set_seconds)
        return now
