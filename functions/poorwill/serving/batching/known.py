"""What a warm-up tells of a model, and whether more has to be asked; on a start's path, so it imports nothing."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from poorwill.serving.batching.choice import Choice

LEAST_GAIN = 1.1
"""Of requests a second, over all that a request costs; for less, no caller is made to wait for others."""
CARRIED_MS = 0.02
"""What a request costs besides decode, model and encode: HTTP, metrics, the kernel (docs/benchmarks.md)."""


class Known(NamedTuple):
    """What a warm-up tells: whether the model is heavy, how long a request takes, and its run."""

    heavy: bool
    request_ms: float
    run_ms: float


class Sharing:
    """Whether a version's requests may gain by sharing runs, and the choice, made when somebody asks for it."""

    def __init__(self, choose: "Callable[[], Choice]", *, may_gain: bool) -> None:
        self._choose = choose
        self.may_gain = may_gain

    @cached_property
    def choice(self) -> "Choice":
        """Return the version's choice, the same for all who ask."""
        return self._choose()


def unshared_words(known: Known, most_rows: int, limit_ms: float) -> str:
    """Return why no request may share a run whatever a timed run would find, "" where that has to be timed.

    Args:
        known: from the warm-up.
        most_rows: of a shared run, by the settings; 0 is as the times say.
        limit_ms: that a shared run may take, by the settings.
    """
    if most_rows == 1:
        return "the settings say so"
    whole_ms = known.request_ms + CARRIED_MS
    if whole_ms < (whole_ms - known.run_ms) * LEAST_GAIN:
        return (
            f"the model takes {known.run_ms * 1e3:.1f} us of the {whole_ms * 1e3:.0f} us that a request costs:"
            " too little to gain"
        )
    if known.run_ms > limit_ms:
        return f"one row takes {known.run_ms:.1f} ms, longer than a shared run may ({limit_ms:g} ms)"
    return ""
