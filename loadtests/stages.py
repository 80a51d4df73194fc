"""A load shape as stages: when each begins, how long it lasts, how many users ask meanwhile; pure."""

from collections.abc import Sequence
from typing import NamedTuple


class Stage(NamedTuple):
    """So many users for so long."""

    start_seconds: float
    length_seconds: float
    users: int


def users_at(stages: Sequence[Stage], seconds: float, stretch_ratio: float = 1.0) -> int | None:
    """Return how many users there are so long after the start, None when all is over.

    Args:
        stages: in order; between two that do not touch nobody asks.
        seconds: since the start.
        stretch_ratio: how much longer everything takes than the stages say.
    """
    for stage in stages:
        if seconds < (stage.start_seconds + stage.length_seconds) * stretch_ratio:
            return stage.users if seconds >= stage.start_seconds * stretch_ratio else 0
    return None
