"""How much one revision has to do: exact, weighted by time."""

from collections.abc import Callable

from poorwill.local.path.backend import Measure


class Meter:
    """Counts who comes and goes.

    Args:
        clock: seconds that only grow.
    """

    __slots__ = ("_clock", "_inside", "_requests", "_since", "_start", "_sum")

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._inside = 0
        self._requests = 0
        self._sum = 0.0
        self._since = self._start = clock()

    @property
    def idle(self) -> bool:
        """Return whether nothing is there, and nothing was since the last measure."""
        return not self._inside and not self._requests and not self._sum

    def enter(self) -> None:
        """Count a request in."""
        self._advance()
        self._inside += 1
        self._requests += 1

    def leave(self) -> None:
        """Count a request out."""
        self._advance()
        self._inside -= 1

    def measure(self) -> Measure:
        """Return what was since the last call, and begin anew; right now where no time has passed."""
        self._advance()
        passed = self._since - self._start
        measure = Measure(self._sum / passed if passed > 0 else float(self._inside), self._requests)
        self._start, self._sum, self._requests = self._since, 0.0, 0
        return measure

    def _advance(self) -> None:
        now = self._clock()
        self._sum += self._inside * (now - self._since)
        self._since = now
