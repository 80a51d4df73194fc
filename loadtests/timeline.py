"""How many processes each version had, moment by moment, and what they cost; pure."""

from bisect import bisect_right
from collections.abc import Container, Mapping
from typing import NamedTuple, TypeVar

Number = TypeVar("Number", int, float)


class Seen(NamedTuple):
    """What one look at the cluster showed: processes that take requests, by version (digits@1)."""

    at_seconds: float  # since the epoch
    processes: Mapping[str, int]
    usd_per_second: Mapping[str, float] = {}  # by version


class Timeline:
    """Looks in the order of their times; between two of them the earlier holds."""

    def __init__(self) -> None:
        self.looks: list[Seen] = []

    def add(self, seen: Seen) -> None:
        """Take a look, kept if it differs from the one before."""
        if not self.looks or self.looks[-1].processes != seen.processes:
            self.looks.append(seen)

    def only(self, models: Container[str]) -> "Timeline":
        """Return what was seen of some models."""
        found = Timeline()
        for at_seconds, processes, usd in self.looks:
            found.add(Seen(at_seconds, _only(processes, models), _only(usd, models)))
        return found

    def processes(self, version: str, at_seconds: float) -> int | None:
        """Return how many a version had, None where nobody had looked yet."""
        place = bisect_right(self.looks, at_seconds, key=lambda seen: seen.at_seconds)
        return self.looks[place - 1].processes.get(version, 0) if place else None

    def process_seconds(self, begin_seconds: float, end_seconds: float) -> dict[str, float]:
        """Return how long each version had processes in a span, the seconds of several added up."""
        total: dict[str, float] = {}
        for length_seconds, seen in self._spans(begin_seconds, end_seconds):
            for version, count in seen.processes.items():
                total[version] = total.get(version, 0.0) + count * length_seconds
        return total

    def usd(self, begin_seconds: float, end_seconds: float) -> float:
        """Return what all processes of a span cost."""
        return sum(
            length_seconds * sum(seen.usd_per_second.values())
            for length_seconds, seen in self._spans(begin_seconds, end_seconds)
        )

    def asleep_percent(self, models: int, begin_seconds: float, end_seconds: float) -> float | None:
        """Return how many of so many models had no process, on average over a span; None where nobody looked."""
        spans = self._spans(begin_seconds, end_seconds)
        length_seconds = sum(length for length, _ in spans)
        if not length_seconds or not models:
            return None
        awake = sum(
            length * len({version.partition("@")[0] for version, count in seen.processes.items() if count})
            for length, seen in spans
        )
        return 100 * (1 - awake / length_seconds / models)

    def _spans(self, begin_seconds: float, end_seconds: float) -> list[tuple[float, Seen]]:
        """Return each look with how long it held inside a span."""
        ends = [seen.at_seconds for seen in self.looks[1:]] + [end_seconds] * bool(self.looks)
        cut = [
            (min(end, end_seconds) - max(seen.at_seconds, begin_seconds), seen)
            for seen, end in zip(self.looks, ends, strict=True)
        ]
        return [(length, seen) for length, seen in cut if length > 0]


def _only(by_version: Mapping[str, Number], models: Container[str]) -> dict[str, Number]:
    return {version: value for version, value in by_version.items() if version.partition("@")[0] in models}
