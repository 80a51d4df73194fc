"""From samples to whether all stays flat: slopes by Theil and Sen, held against limits; pure."""

import statistics
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import NamedTuple

from loadtests.faults.limits import SoakLimits, at_most
from loadtests.faults.sampler import Sample
from loadtests.limits import Judged

HOUR_SECONDS = 3600
MB_BYTES = 1 << 20
WARM_SECONDS, WARM_RATIO = 120.0, 0.2  # at the begin, or of what is shorter, when caches fill
FEWEST = 3  # samples of a slope

Values = Sequence[tuple[float, float]]
"""Seconds since the first sample, and a value."""


class Curve(NamedTuple):
    """One measure of one thing over time."""

    of: str
    measure: str
    values: Values
    is_restarted: bool = False  # its process is not the one that it began with


def curves(samples: Sequence[Sample]) -> list[Curve]:
    """Return every measure of every process, and of the files."""
    names = list(dict.fromkeys(name for sample in samples for name in sample.processes))
    found = []
    for name in names:
        pids = {sample.processes[name].pid for sample in samples if name in sample.processes}
        for measure in ("pss_mb", "rss_mb", "descriptors", "threads"):
            values = _over(samples, name, measure)
            found.append(Curve(name, measure, values, len(pids) > 1))
    return [*found, *(Curve("files", measure, _files(samples, take)) for measure, take in FILES.items())]


FILES: dict[str, Callable[[Sample], float]] = {
    "journal_mb": lambda sample: sample.journal_bytes / MB_BYTES,
    "disk_mb": lambda sample: sample.disk_bytes / MB_BYTES,
}


def slope_per_hour(values: Values) -> float | None:
    """Return the median of the slopes between all pairs, once it is warm; None of too few."""
    length_seconds = values[-1][0] if values else 0.0
    warm = min(WARM_SECONDS, WARM_RATIO * length_seconds)
    late = [value for value in values if value[0] >= warm]
    if len(late) < FEWEST:
        return None
    return HOUR_SECONDS * statistics.median((y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(late, 2))


def judge(found: Sequence[Curve], limits: SoakLimits) -> list[Judged]:
    """Return every limit with its judgement."""
    held = {
        "pss_mb": ("memory, MB an hour", limits.memory_slope_limit_mb_per_hour),
        "descriptors": ("descriptors, an hour", limits.descriptors_slope_limit_per_hour),
        "threads": ("threads, an hour", limits.threads_slope_limit_per_hour),
        "journal_mb": ("journal, MB an hour", limits.journal_slope_limit_mb_per_hour),
    }
    judged = []
    for curve in found:
        if curve.measure in held:
            words, limit = held[curve.measure]
            judged.append(at_most(curve.of, words, limit, slope_per_hour(curve.values), 1))
    ended = sorted({curve.of for curve in found if curve.is_restarted})
    return [*judged, at_most("processes", "ended and were started again", 0, len(ended))]


def _over(samples: Sequence[Sample], name: str, measure: str) -> Values:
    first = samples[0].at_seconds
    return [
        (sample.at_seconds - first, float(getattr(sample.processes[name], measure)))
        for sample in samples
        if name in sample.processes
    ]


def _files(samples: Sequence[Sample], take: Callable[[Sample], float]) -> Values:
    return [(sample.at_seconds - samples[0].at_seconds, take(sample)) for sample in samples]
