"""One version's plan while it serves: from its start pack, or of a timed run as soon as one can gain anything.

That is never before readiness. A model of short runs is timed on the loop, within some milliseconds, when two requests
have come at once for the first time, since a thread beside the loop would time the interpreter's lock; any other one on
a thread, when a request was answered and nothing else uses the process.
"""

from collections.abc import Callable
from threading import Lock, Thread
from time import process_time, sleep

import numpy as np

from poorwill.registry.records import RowTimings
from poorwill.serving.batching.known import Known, unshared_words
from poorwill.serving.batching.plan import Bounds, Plan, decide
from poorwill.serving.batching.sharing import Sharer
from poorwill.serving.model import Model, Tensors

_SHORT_MS = 0.2  # of one run; a hundred of them hold up the loop no longer than a shared run may
_LOOK_SECONDS, _LOOKS = 0.05, 60  # an idle moment is awaited for so long; then the timed run takes its chance
_IDLE_SHARE_RATIO = 0.2  # of a CPU, used in that time, below which the process is idle

SampleInputs = Callable[[], Tensors | None]
"""Returns the inputs of the version's sample request, None where it has none."""


class Choice:
    """Decides how one version's requests run, once.

    Args:
        model: warmed up.
        known: from the warm-up.
        bounds: from the settings.
        sample: what rows for a timed run are made from.
        timings: of the start pack, None where there are none.
    """

    def __init__(
        self, model: Model, known: Known, bounds: Bounds, sample: SampleInputs, timings: RowTimings | None = None
    ) -> None:
        self._model, self._known, self._bounds, self._sample = model, known, bounds, sample
        self._settling = Lock()
        self._started = False
        self.is_short = not known.heavy and known.run_ms < _SHORT_MS
        self._is_unfit = bool(timings and timings.unfit)
        self.plan: Plan = decide(known, bounds, timings)
        self.sharer = Sharer(model, rows_limit=1)
        self.is_open = timings is None and not unshared_words(known, *bounds)
        self._follow(self.plan)

    @property
    def may_share(self) -> bool:
        """Return whether requests share runs, or may when that is timed."""
        return self.is_open or self.sharer.rows_limit > 1

    def settle(self) -> Plan:
        """Time what is to be decided still, and decide; return the plan."""
        with self._settling:
            if self.is_open:
                self.time()
            return self.plan

    def told(self) -> Plan:
        """Return the plan for somebody who asks; of short runs it is settled at once, on the loop where it is asked."""
        return self.settle() if self.is_short else self.plan

    def time(self) -> Plan:
        """Time what is not known to be unfit, for somebody who wants to see it; return the plan."""
        if self._is_unfit:
            return self.plan
        from poorwill.registry.row_timing import time_rows

        timings = time_rows(self._model, self._sample(), self._bounds.limit_ms)
        self._follow(decide(self._known, self._bounds, timings))
        self.is_open = False
        return self.plan

    def settle_when_idle(self) -> None:
        """Settle on a thread, when nothing else runs; called again, it does nothing."""
        if self.is_open and not self._started:
            self._started = True
            Thread(target=self._settle_idle, daemon=True, name="timed-run").start()

    def _settle_idle(self) -> None:
        for _ in range(_LOOKS):
            before_seconds = process_time()
            sleep(_LOOK_SECONDS)
            if process_time() - before_seconds < _IDLE_SHARE_RATIO * _LOOK_SECONDS:
                break
        self.settle()

    def _follow(self, plan: Plan) -> None:
        self.plan = plan
        if plan.rows_limit > 1:
            self.sharer = Sharer(
                self._model,
                rows_limit=plan.rows_limit,
                rows_least=plan.rows_least,
                row_values=self._row_values(),
            )

    def _row_values(self) -> int:
        """Return how many values of all inputs a row of the timed run had; 1 where all rows are of one size anyway."""
        if all(size >= 0 for spec in self._model.signature.inputs for size in spec.sizes[1:]):
            return 1
        return sum(int(np.prod(array.shape[1:])) for array in (self._sample() or {}).values())
