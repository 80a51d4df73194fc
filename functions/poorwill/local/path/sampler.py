"""What Envoy does for each revision, from looks at its gauges: their mean, and what its counters grew by."""

from collections.abc import Mapping
from typing import NamedTuple

from poorwill.local.path.backend import Measure

_SHORTEST_SECONDS = 0.001
"""What a request counts for at the least: looks from time to time miss the short ones, and traffic is never nothing."""


class Look(NamedTuple):
    """One revision's gauges at one moment."""

    inside: int
    """Requests waiting or running."""
    total: int
    """Requests since Envoy started."""


class Sampler:
    """Collects looks at all revisions between two measures."""

    def __init__(self, now: float) -> None:
        self._since = now
        self._looks = 0
        self._inside: dict[str, int] = {}
        self._requests: dict[str, int] = {}
        self._totals: dict[str, int] = {}

    def record(self, looks: Mapping[str, Look]) -> None:
        """Take one look at all; a total that fell is that of a new Envoy."""
        self._looks += 1
        for name, look in looks.items():
            before = self._totals.get(name, 0)
            grown = look.total - before if look.total >= before else look.total
            self._inside[name] = self._inside.get(name, 0) + look.inside
            self._requests[name] = self._requests.get(name, 0) + grown
        self._totals |= {name: look.total for name, look in looks.items()}

    def measure(self, now: float) -> dict[str, Measure]:
        """Return what was since the last call, and begin anew."""
        passed = max(now - self._since, _SHORTEST_SECONDS)
        measures = {
            name: Measure(max(inside / self._looks, self._requests[name] * _SHORTEST_SECONDS / passed), requests)
            for (name, inside), requests in zip(self._inside.items(), self._requests.values(), strict=True)
        }
        self._since, self._looks, self._inside, self._requests = now, 0, {}, {}
        return measures
