"""What a predictor counts about itself: plain integers on the request's path, read only when somebody scrapes."""

from bisect import bisect_left
from threading import Lock
from typing import Any

BOUNDS_SECONDS = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
)  # fmt: skip
_BOUNDS_NS = tuple(int(bound * 1e9) for bound in BOUNDS_SECONDS)


class Histogram:
    """Counts of durations per bucket; the last bucket has no bound."""

    __slots__ = ("counts", "sum_ns")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_SECONDS) + 1)
        self.sum_ns = 0

    def add(self, took_ns: int) -> None:
        """Count one duration."""
        self.counts[bisect_left(_BOUNDS_NS, took_ns)] += 1
        self.sum_ns += took_ns

    @property
    def sum_seconds(self) -> float:
        """Return all durations together."""
        return self.sum_ns / 1e9


class Metrics:
    """Counters and histograms of one process."""

    __slots__ = ("_lock", "body_bytes", "model_run", "request", "requests")

    def __init__(self) -> None:
        self._lock = Lock()
        self.requests: dict[tuple[str, int], int] = {}
        self.request: dict[str, Histogram] = {}
        self.model_run = Histogram()
        self.body_bytes = 0

    def totals(self) -> dict[str, Any]:
        """Return what a last log line says: requests by route and status, and runs of the model."""
        requests = {f"{route} {status}": count for (route, status), count in sorted(self.requests.items())}
        runs = self.model_run
        return {"requests": requests, "model_runs": sum(runs.counts), "model_run_seconds": round(runs.sum_seconds, 6)}

    def observe(self, route: str, status: int, took_ns: int, body_bytes: int, model_ns: int) -> None:
        """Count one answered request; `model_ns` is 0 where the model was not asked."""
        key = (route, status)
        with self._lock:
            self.requests[key] = self.requests.get(key, 0) + 1
            histogram = self.request.get(route)
            if histogram is None:
                histogram = self.request[route] = Histogram()
            histogram.add(took_ns)
            self.body_bytes += body_bytes
            if model_ns:
                self.model_run.add(model_ns)
