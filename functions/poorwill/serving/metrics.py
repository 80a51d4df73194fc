"""What a predictor counts about itself: plain integers on the request's path, read only when somebody scrapes."""

from bisect import bisect_right
from collections import Counter
from threading import Lock
from typing import Any, NamedTuple

BOUNDS_SECONDS = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
)  # fmt: skip
_BOUNDS_NS = tuple(int(bound * 1e9) for bound in BOUNDS_SECONDS)


_ROWS_KEPT = 512

Row = tuple[str, int, int, int, int]
"""Route, HTTP status, nanoseconds to the answer, bytes of the body, nanoseconds in the model (0: it was not asked)."""


class Histogram:
    """Counts of durations per bucket; the last bucket has no bound."""

    __slots__ = ("counts", "sum_ns")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_SECONDS) + 1)
        self.sum_ns = 0

    def add(self, took_ns: list[int]) -> None:
        """Count durations; sorted once, hundreds of them cost a search for each bound."""
        took_ns.sort()
        below = 0
        for bucket, bound in enumerate(_BOUNDS_NS):
            up_to = bisect_right(took_ns, bound)
            self.counts[bucket] += up_to - below
            below = up_to
        self.counts[-1] += len(took_ns) - below
        self.sum_ns += sum(took_ns)

    @property
    def sum_seconds(self) -> float:
        """Return all durations together."""
        return self.sum_ns / 1e9


class Counts(NamedTuple):
    """What was counted: requests by route and status, durations by route, runs of the model, bytes of bodies."""

    requests: dict[tuple[str, int], int]
    request: dict[str, Histogram]
    model_run: Histogram
    body_bytes: int


class Metrics:
    """Counters and histograms of one process.

    A request only adds a row to a list; rows are counted in hundreds, or when somebody asks.
    """

    __slots__ = ("_body_bytes", "_lock", "_model_run", "_request", "_requests", "_rows")

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: list[Row] = []
        self._requests: dict[tuple[str, int], int] = {}
        self._request: dict[str, Histogram] = {}
        self._model_run = Histogram()
        self._body_bytes = 0

    def observe(self, row: Row) -> None:
        """Note one answered request; called by several threads."""
        self._rows.append(row)
        if len(self._rows) >= _ROWS_KEPT:
            self.counted()

    def counted(self) -> Counts:
        """Return what was counted so far."""
        with self._lock:
            rows = self._rows[:]
            del self._rows[: len(rows)]  # a row that a thread adds meanwhile stays
            for (route, status), count in Counter((row[0], row[1]) for row in rows).items():
                self._requests[route, status] = self._requests.get((route, status), 0) + count
            for route in {row[0] for row in rows}:
                self._request.setdefault(route, Histogram()).add([row[2] for row in rows if row[0] == route])
            self._body_bytes += sum([row[3] for row in rows])
            self._model_run.add([row[4] for row in rows if row[4]])
            return Counts(self._requests, self._request, self._model_run, self._body_bytes)

    def totals(self) -> dict[str, Any]:
        """Return what a last log line says: requests by route and status, and runs of the model."""
        counts = self.counted()
        requests = {f"{route} {status}": count for (route, status), count in sorted(counts.requests.items())}
        runs = counts.model_run
        return {"requests": requests, "model_runs": sum(runs.counts), "model_run_seconds": round(runs.sum_seconds, 6)}
