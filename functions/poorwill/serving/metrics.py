"""What a predictor counts about itself: plain integers on the request's path, read only when somebody scrapes."""

from bisect import bisect_left
from threading import Lock
from typing import Any

BOUNDS_SECONDS = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
)  # fmt: skip


class Histogram:
    """Counts of durations per bucket; the last bucket has no bound."""

    __slots__ = ("counts", "sum_seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_SECONDS) + 1)
        self.sum_seconds = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(BOUNDS_SECONDS, seconds)] += 1
        self.sum_seconds += seconds


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

    def observe(self, key: tuple[str, int], seconds: float, *, body_bytes: int, model_seconds: float | None) -> None:
        """Count one answered request by its route and status."""
        with self._lock:
            self.requests[key] = self.requests.get(key, 0) + 1
            histogram = self.request.get(key[0])
            if histogram is None:
                histogram = self.request[key[0]] = Histogram()
            histogram.add(seconds)
            self.body_bytes += body_bytes
            if model_seconds is not None:
                self.model_run.add(model_seconds)
