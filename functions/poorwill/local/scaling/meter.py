"""What one revision was measured to carry, over its stable and its panic window."""

from poorwill.local.scaling.decision import Load
from poorwill.local.scaling.policy import Policy
from poorwill.local.scaling.window import WeightedWindow, Window


class Meter:
    """Both windows of the metric that a revision is scaled by.

    The first request for an idle revision counts at once, and is taken from the measurement that has it again.
    From knative/serving pkg/activator/handler/concurrency_reporter.go and pkg/autoscaler/metrics/collector.go.
    """

    def __init__(self, policy: Policy) -> None:
        window = WeightedWindow if policy.algorithm == "weighted-exponential" else Window
        self._stable = window(policy.window_seconds)
        self._panic = window(policy.panic_window_seconds)
        self._by_requests = policy.metric == "rps"
        self._unscraped = policy.target_burst_capacity == -1
        self._busy = False  # the activator carried requests in the last second
        self._counted = 0  # requests counted before they were measured

    def first_request(self, now: float) -> None:
        """Count a request that came for an idle revision; do nothing for one that is busy."""
        if self._busy:
            return
        self._busy, self._counted = True, 1
        self._write(now, 1.0)

    def record(self, now: float, concurrency: float, requests_per_second: float, *, ready: int) -> None:
        """Take the measurement of the last second; nothing from nowhere is no measurement."""
        was_busy, self._busy = self._busy, concurrency > 0
        scraped = ready > 0 and not self._unscraped
        if not (was_busy or self._busy or requests_per_second or scraped):
            return
        counted, self._counted = self._counted, 0
        measured = requests_per_second if self._by_requests else concurrency
        self._write(now, max(measured - counted, 0.0))

    def load(self, now: float) -> Load | None:
        """Return both averages; None where nothing is known, which is not the same as no load."""
        if self._stable.is_empty(now) and not self._unscraped:
            return None
        return Load(self._stable.average(now), self._panic.average(now))

    def _write(self, now: float, value: float) -> None:
        self._stable.record(now, value)
        self._panic.record(now, value)
