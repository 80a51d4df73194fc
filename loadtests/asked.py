"""One request as it went: what was asked, who answered, how long it took, and whether the answer was right."""

import json
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
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
    said: str = ""
    """What came in place of an answer (see refused); "" of an answer."""

    @property
    def ended_seconds(self) -> float:
        """Return when its answer was here."""
        return self.sent_seconds + self.took_ms / 1000

    @property
    def served_by(self) -> str:
        """Return which version answered, digits@1."""
        return f"{self.model}@{self.version}"


BROKEN, SILENCE = "a connection that broke", "silence"
NO_REPLY = "no reply to what was acknowledged"
PATIENCE_SECONDS = 60.0  # a wake among many at once
_ASK_AGAIN = (429, 503)


def refused(status: int, headers: Mapping[str, str], took_ms: float) -> str:
    """Return what a caller was told who got no answer: a status as it is documented, or what is wrong with it.

    Args:
        status: 0 where none came.
        headers: of the refusal.
        took_ms: until the caller knew.
    """
    if not status:
        return SILENCE if took_ms >= PATIENCE_SECONDS * 1000 else BROKEN
    if not headers.get("content-type", "").startswith("application/problem+json"):
        return f"{status} without a reason"
    if status in _ASK_AGAIN and "retry-after" not in headers:
        return f"{status} without Retry-After"
    return str(status)


def taken(rows: Sequence[Sequence[Any]]) -> list[Asked]:
    """Return what a worker has sent."""
    return [Asked(*row) for row in rows]


def write(path: Path, asked: Iterable[Asked]) -> None:
    """Write requests, one a line."""
    with path.open("w") as file:
        file.writelines(f"{json.dumps(one)}\n" for one in asked)


def read(path: Path) -> list[Asked]:
    """Return the requests of a file."""
    return taken([json.loads(line) for line in path.read_text().splitlines()])
