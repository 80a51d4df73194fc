"""Which fault comes when, drawn from a seed: the same seed is the same run."""

import random
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple


class Fault(StrEnum):
    """What is done."""

    FUNCTION = "a function is killed"
    AGAIN = "it is killed again"  # the pod's next start waits, as kubelet's does
    ENVOY = "Envoy is killed"
    TWIN = "the twin is killed"
    SLOW_STORE = "the store is slow"
    STORE_AWAY = "the store is away"
    LYING_STORE = "the store lies"
    SLOW_CLIENTS = "slow clients"
    HALF_OPEN = "half-open connections"
    CROWD = "many callers of one wake"
    CLOCK_AHEAD = "the clock jumps ahead"
    CLOCK_BACK = "the clock jumps back as a function dies"
    FULL_DISK = "the disk is full"


FOLLOWING = {Fault.AGAIN: Fault.FUNCTION}
"""What only makes sense right after another one."""


class Blow(NamedTuple):
    """One fault, with all that chance decides of it."""

    fault: Fault
    version: int  # of the digit recogniser that is killed
    lasts_seconds: float  # where it lasts
    delay_seconds: float  # of each part that a slow store sends
    offset_seconds: float  # of the clock
    rest_seconds: float  # after recovery


def schedule(seed: int, faults: Sequence[Fault] = tuple(Fault)) -> list[Blow]:
    """Return the faults in an order of chance, those that follow another right behind it."""
    chance = random.Random(seed)
    first = [fault for fault in faults if fault not in FOLLOWING]
    chance.shuffle(first)
    ordered = [each for fault in first for each in (fault, *(one for one in faults if FOLLOWING.get(one) == fault))]
    ordered += [fault for fault in faults if fault not in ordered]
    blows: list[Blow] = []
    for fault in ordered:
        blow = Blow(
            fault,
            version=chance.choice((1, 2)),
            lasts_seconds=chance.uniform(3, 6),
            delay_seconds=chance.uniform(0.2, 0.6),
            offset_seconds=chance.uniform(1800, 7200),
            rest_seconds=chance.uniform(0, 2),
        )
        blows.append(blow._replace(version=blows[-1].version) if fault in FOLLOWING and blows else blow)
    return blows
