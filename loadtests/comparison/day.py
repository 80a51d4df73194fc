"""A day of long-tail traffic, reckoned: when each function is awake, and what that holds of memory and costs; pure."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from loadtests.watch import HOUR_SECONDS, Prices
from loadtests.working_day import HOURS
from loadtests.zipf import weights

WINDOW_SECONDS, GRACE_SECONDS = 60.0, 30.0
"""Knative's stable window, and its grace before zero: so long a function is awake after its last request."""
SEED = 7
DAY_HOURS = 24
FUNCTION_CPUS, QUEUE_PROXY_CPUS = 0.1, 0.025
"""What a pod asks for: knative/base, and what Knative adds for the proxy beside it (config-deployment)."""
LEAST_MIB = 128  # that a pod asks for
SPARE_RATIO = 1.5  # of what was measured, as knative/base has it
MIB_BYTES = 1 << 20


class Day(NamedTuple):
    """A day with so many requests to all models together."""

    requests: int
    awake_hours: float  # of all functions together
    most_awake: int  # functions at once
    cold_starts: int


class Bill(NamedTuple):
    """What a side takes in a day."""

    gib_hours: float  # measured memory times time
    usd: float  # of what its pods ask for


def day(models: int, requests: int) -> Day:
    """Return a day: each hour's requests by HOURS, each model's by Zipf's law, and by chance within."""
    chance = np.random.default_rng(SEED)
    starts: list[float] = []
    ends: list[float] = []
    asked = 0
    for weight in weights(models):
        arrivals = _arrivals(requests * weight, chance)
        asked += len(arrivals)
        for begin, end in awake(arrivals, WINDOW_SECONDS + GRACE_SECONDS):
            starts.append(begin)
            ends.append(end)
    length_seconds = sum(ends) - sum(starts)
    return Day(asked, length_seconds / HOUR_SECONDS, _most_at_once(starts, ends), len(starts))


def awake(arrivals: Sequence[float], after_seconds: float) -> list[tuple[float, float]]:
    """Return when a function is awake: from a request on until so long after the last one."""
    spans: list[tuple[float, float]] = []
    for arrival in sorted(arrivals):
        if spans and arrival <= spans[-1][1]:
            spans[-1] = spans[-1][0], arrival + after_seconds
        else:
            spans.append((arrival, arrival + after_seconds))
    return spans


def functions_bill(one: Day, function_mb: float, prices: Prices) -> Bill:
    """Return what functions take that hold so much memory each while they are awake."""
    return _bill(one.awake_hours, function_mb, prices)


def monolith_bill(monolith_mb: float, prices: Prices) -> Bill:
    """Return what one process takes that is always there, with the CPUs of one function."""
    return _bill(DAY_HOURS, monolith_mb, prices)


def _bill(hours: float, memory_mb: float, prices: Prices) -> Bill:
    asked_bytes = max(LEAST_MIB, memory_mb * SPARE_RATIO) * MIB_BYTES
    usd_per_second = prices.usd_per_second(FUNCTION_CPUS + QUEUE_PROXY_CPUS, asked_bytes)
    return Bill(hours * memory_mb / 1024, hours * HOUR_SECONDS * usd_per_second)


def _arrivals(expected: float, chance: np.random.Generator) -> list[float]:
    counts = chance.poisson(expected * np.array(HOURS) / sum(HOURS))
    return [
        (hour + within) * HOUR_SECONDS for hour, count in enumerate(counts) for within in chance.random(count).tolist()
    ]


def _most_at_once(starts: Sequence[float], ends: Sequence[float]) -> int:
    moves = sorted([(at, 1) for at in starts] + [(at, -1) for at in ends])
    now, most = 0, 0
    for _, move in moves:
        now += move
        most = max(most, now)
    return most
