"""What a run found: commands that were timed, and a twin's memory."""

from collections.abc import Sequence
from typing import NamedTuple


class Timed(NamedTuple):
    """One command, given so many times."""

    name: str
    seconds: Sequence[float]  # from start to exit
    cpu_seconds: Sequence[float]  # of its own process


class Memory(NamedTuple):
    """A twin with so many versions asleep and functions awake."""

    asleep: int
    awake: int
    twin_mb: float  # PSS
    envoy_mb: float
    functions_mb: float  # of all that are awake


class Scale(NamedTuple):
    """All that one run found."""

    date: str
    machine: str
    commit: str
    models: int
    versions: int  # of each
    deployed: int
    filled_seconds: float
    deployed_seconds: float
    commands: Sequence[Timed]
    memory: Sequence[Memory]
