"""How one version's requests run: on the loop or on threads, alone or together; decided from times, and explained."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from poorwill.registry.records import RowTiming, RowTimings

LEAST_GAIN = 1.1
"""Of requests a second, over all that a request costs; for less, no caller is made to wait for others."""
CARRIED_MS = 0.03
"""What a request costs besides decode, model and encode: HTTP, metrics, the kernel (docs/benchmarks.md)."""

_FEWEST = 2  # sizes without which nothing can be compared
_NEAR = 1.1  # a size whose rows take at most this much longer than the best size's is as good, and quicker to end


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The decision, and what it was made from."""

    place: str  # "loop", or "threads" for a heavy model
    rows_limit: int = 1  # of several requests in one run; 1 is that none share one
    words: str  # why, for people
    limit_ms: float = 0.0  # that a shared run may take
    request_ms: float = 0.0  # one request by itself: decode, model, encode
    run_threads: int = 1  # that one run uses
    gain: float = 1.0  # requests a second at the rows limit, times those without sharing
    times: tuple[RowTiming, ...] = ()


class Known(NamedTuple):
    """What a warm-up tells: whether the model is heavy, how long a request takes, its run, and on how many threads."""

    heavy: bool
    request_ms: float
    run_ms: float
    run_threads: int = 1


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
        words=unshared_words(known, bounds) or (timings.unfit if timings else "not timed yet"),
        limit_ms=bounds.limit_ms,
        request_ms=round(known.request_ms, 4),
        run_threads=known.run_threads,
        times=times,
    )
    if plain.words or len(times) < _FEWEST:
        return plain
    scaled = [RowTiming(timing.rows, timing.run_ms * known.run_ms / times[0].run_ms) for timing in times]
    fitting = [timing for timing in scaled if timing.rows == 1 or timing.run_ms <= bounds.limit_ms]
    chosen = _chosen([timing for timing in fitting if timing.rows <= (bounds.rows or timing.rows)])
    gain = gain_of(chosen, known)
    if gain < LEAST_GAIN:
        return replace(plain, words=_loss_words(scaled, fitting, known, bounds))
    each_us, alone_us = chosen.run_ms / chosen.rows * 1e3, known.run_ms * 1e3
    words = f"a row takes {each_us:.1f} us in a run of {chosen.rows}, and {alone_us:.1f} us alone"
    return replace(plain, rows_limit=chosen.rows, words=words, gain=round(gain, 3))


def unshared_words(known: Known, bounds: Bounds) -> str:
    """Return why no request may share a run whatever a timed run would find, "" where that has to be timed."""
    if bounds.rows == 1:
        return "the settings say so"
    whole_ms = known.request_ms + CARRIED_MS
    if whole_ms < (whole_ms - known.run_ms) * LEAST_GAIN:
        return (
            f"the model takes {known.run_ms * 1e3:.1f} us of the {whole_ms * 1e3:.0f} us that a request costs:"
            " too little to gain"
        )
    if known.run_ms > bounds.limit_ms:
        return f"one row takes {known.run_ms:.1f} ms, longer than a shared run may ({bounds.limit_ms:g} ms)"
    return ""


def gain_of(timing: RowTiming, known: Known) -> float:
    """Return the requests a second if each run had so many rows, times those if each had one."""
    whole_ms = known.request_ms + CARRIED_MS
    return whole_ms / (whole_ms - known.run_ms + timing.run_ms / timing.rows)


def _chosen(times: Sequence[RowTiming]) -> RowTiming:
    """Return the smallest size that is about as good as the best."""
    best_ms = min(timing.run_ms / timing.rows for timing in times)
    return next(timing for timing in times if timing.run_ms / timing.rows <= best_ms * _NEAR)


def _loss_words(times: Sequence[RowTiming], fitting: Sequence[RowTiming], known: Known, bounds: Bounds) -> str:
    if len(fitting) == 1:
        took_ms = times[1].run_ms
        return f"{times[1].rows} rows take {took_ms:.1f} ms, longer than a shared run may ({bounds.limit_ms:g} ms)"
    best = max(fitting, key=lambda timing: gain_of(timing, known))
    gain = gain_of(best, known)
    return f"in runs of {best.rows} rows, {gain:.2f} times the requests a second: too little to gain"
