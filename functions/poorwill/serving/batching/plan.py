"""How one version's requests run: on the loop or on threads, alone or together; decided from times, and explained."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from poorwill.registry.records import RowTiming, RowTimings
from poorwill.serving.batching.known import CARRIED_MS, LEAST_GAIN, Known, unshared_words

_FEWEST = 2  # sizes without which nothing can be compared
_NEAR = 1.1  # a size whose rows take at most this much longer than the best size's is as good, and quicker to end


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The decision, and what it was made from."""

    place: str  # "loop", or "threads" for a heavy model
    rows_limit: int = 1  # of several requests in one run; 1 is that none share one
    rows_least: int = 2  # in a run that is shared; fewer would take longer than one by one
    words: str  # why, for people
    limit_ms: float = 0.0  # that a shared run may take
    request_ms: float = 0.0  # one request by itself: decode, model, encode
    gain: float = 1.0  # requests a second at the rows limit, times those without sharing
    times: tuple[RowTiming, ...] = ()


class Bounds(NamedTuple):
    """What the settings allow: rows in a shared run (0: as the times say), and how long one may take."""

    rows: int
    limit_ms: float


def decide(known: Known, bounds: Bounds, timings: RowTimings | None) -> Plan:
    """Return the plan.

    Args:
        known: from the warm-up.
        bounds: from the settings.
        timings: of the timed run, here or where the start pack was made; None where there was none (yet).
    """
    times = timings.times if timings else ()
    plain = Plan(
        place="threads" if known.heavy else "loop",
        words=unshared_words(known, *bounds) or (timings.unfit if timings else "not timed yet"),
        limit_ms=bounds.limit_ms,
        request_ms=round(known.request_ms, 4),
        times=times,
    )
    if plain.words or len(times) < _FEWEST:
        return plain
    beside_ms = known.request_ms - known.run_ms + CARRIED_MS
    fitting = [timing for timing in times if timing.rows == 1 or timing.run_ms <= bounds.limit_ms]
    chosen = _chosen([timing for timing in fitting if timing.rows <= (bounds.rows or timing.rows)])
    gain = (beside_ms + times[0].run_ms) / (beside_ms + _row_ms(chosen))
    if gain < LEAST_GAIN:
        return replace(plain, words=_loss_words(times, fitting, beside_ms, bounds))
    each_us, alone_us = _row_ms(chosen) * 1e3, times[0].run_ms * 1e3
    words = f"a row takes {each_us:.1f} us in a run of {chosen.rows}, and {alone_us:.1f} us alone"
    least = _least([timing for timing in fitting if timing.rows <= chosen.rows])
    return replace(plain, rows_limit=chosen.rows, rows_least=least, words=words, gain=round(gain, 3))


def _row_ms(timing: RowTiming) -> float:
    return timing.run_ms / timing.rows


def _chosen(times: Sequence[RowTiming]) -> RowTiming:
    """Return the smallest size that is about as good as the best."""
    best_ms = min(map(_row_ms, times))
    return next(timing for timing in times if _row_ms(timing) <= best_ms * _NEAR)


def _least(times: Sequence[RowTiming]) -> int:
    """Return the smallest size from which on a row of every size is quicker than alone."""
    least = times[-1].rows
    for timing in reversed(times[1:]):
        if _row_ms(timing) >= times[0].run_ms:
            break
        least = timing.rows
    return least


def _loss_words(times: Sequence[RowTiming], fitting: Sequence[RowTiming], beside_ms: float, bounds: Bounds) -> str:
    if len(fitting) == 1:
        took_ms = times[1].run_ms
        return f"{times[1].rows} rows take {took_ms:.1f} ms, longer than a shared run may ({bounds.limit_ms:g} ms)"
    best = min(fitting, key=_row_ms)
    gain = (beside_ms + times[0].run_ms) / (beside_ms + _row_ms(best))
    return f"in runs of {best.rows} rows, {gain:.2f} times the requests a second: too little to gain"
