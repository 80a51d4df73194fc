"""One request as it went: what was asked, who answered, how long it took, and whether the answer was right."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple


class Outcome(StrEnum):
    """What became of a request."""

    RIGHT = "right"
    ERROR = "error"  # answered, by a refusal
    LOST = "lost"  # never answered
    WRONG = "wrong"  # answered as if all were well, by something else than the truth


class Asked(NamedTuple):
    """One request; workers send it to Locust's master as the list that it is."""

    kind: str  # of request, as limits.yaml names it
    model: str
    version: str  # that answered; "" where none did
    sent_seconds: float  # since the epoch
    took_ms: float
    outcome: str
    start_ms: float | None = 0.0
    """Of the process whose first answer this was, since it began; 0 of a later answer, None where answers don't say."""

    @property
    def ended_seconds(self) -> float:
        """Return when its answer was here."""
        return self.sent_seconds + self.took_ms / 1000

    @property
    def served_by(self) -> str:
        """Return which version answered, digits@1."""
        return f"{self.model}@{self.version}"


def taken(rows: Sequence[Sequence[Any]]) -> list[Asked]:
    """Return what a worker has sent."""
    return [Asked(*row) for row in rows]
