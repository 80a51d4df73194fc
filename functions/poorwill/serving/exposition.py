"""The metrics as Prometheus reads them; the only user of prometheus-client, imported at the first scrape or the end."""

from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from math import inf
from typing import Any
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector

from poorwill import telemetry
from poorwill.serving.application import Application
from poorwill.serving.message import Answer
from poorwill.serving.metrics import BOUNDS_SECONDS, Histogram

_LABELS = ("model", "version")
_SIZES = (1, 2, 4, 8, 16, 32, 64)
_PUSH_TIMEOUT_SECONDS = 5.0


class Exposition:
    """Renders one process's metrics."""

    def __init__(self, application: Application) -> None:
        self._served = application.served
        self._metrics = application.metrics
        self._ledger = application.ledger
        self._sampler = application.sampler
        self._application = application
        self._labels = [self._served.name, self._served.version]
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def answer(self) -> Answer:
        """Return the answer to a scrape."""
        return Answer(200, generate_latest(self._registry), CONTENT_TYPE_LATEST)

    def listen(self, host: str, port: int) -> None:
        """Answer scrapes on a port and a thread of their own, for a carrier that has no second port."""
        start_http_server(port, addr=host, registry=self._registry)

    def push(self, url: str) -> str:
        """PUT the metrics to a Pushgateway; return what went wrong, "" for nothing."""
        parts = urlsplit(url)
        connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        try:
            connection = connect(parts.netloc, timeout=_PUSH_TIMEOUT_SECONDS)
            headers = {"Content-Type": CONTENT_TYPE_LATEST}
            connection.request("PUT", parts.path or "/", generate_latest(self._registry), headers)
            status = connection.getresponse().status
            connection.close()
        except (OSError, HTTPException) as error:
            return type(error).__name__
        return "" if status < 300 else f"status {status}"

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics; called by prometheus-client."""
        info = GaugeMetricFamily(telemetry.VERSION_INFO, "The version served.", labels=(*_LABELS, "digest"))
        info.add_metric([*self._labels, self._served.digest], 1)
        requests = CounterMetricFamily(
            telemetry.REQUESTS_TOTAL.removesuffix("_total"), "Requests answered.", labels=(*_LABELS, "route", "status")
        )
        counts = self._metrics.counted()
        for (route, status), count in list(counts.requests.items()):
            requests.add_metric([*self._labels, route, str(status)], count)
        seconds = HistogramMetricFamily(
            telemetry.REQUEST_SECONDS, "Time from a whole request to its answer.", labels=(*_LABELS, "route")
        )
        for route, histogram in list(counts.request.items()):
            seconds.add_metric([*self._labels, route], *_buckets(histogram))
        model = HistogramMetricFamily(telemetry.MODEL_SECONDS, "Time in the model alone.", labels=_LABELS)
        model.add_metric(self._labels, *_buckets(counts.model_run))
        size = CounterMetricFamily(
            telemetry.REQUEST_BYTES_TOTAL.removesuffix("_total"), "Bytes of request bodies.", labels=_LABELS
        )
        size.add_metric(self._labels, counts.body_bytes)
        cold = GaugeMetricFamily(telemetry.COLD_START_SECONDS, "Phases of this start.", labels=(*_LABELS, "phase"))
        for phase in self._ledger.report().phases:
            cold.add_metric([*self._labels, phase.name], phase.duration_ms / 1e3)
        yield from (info, requests, seconds, model, size, cold)
        shared = dict(self._application.shared_requests)
        if shared:
            runs = HistogramMetricFamily(telemetry.BATCH_REQUESTS, "Requests that had one run.", labels=_LABELS)
            runs.add_metric(self._labels, *_runs(shared))
            yield runs
        if self._sampler:
            samples = CounterMetricFamily(
                telemetry.SAMPLES_TOTAL.removesuffix("_total"),
                "Predictions sent to the Broker, or lost on the way.",
                labels=(*_LABELS, "state"),
            )
            samples.add_metric([*self._labels, "sent"], self._sampler.sent)
            samples.add_metric([*self._labels, "dropped"], self._sampler.dropped)
            yield samples


def _buckets(histogram: Histogram) -> tuple[list[Any], float]:
    total, buckets = 0, []
    for bound, count in zip((*map(str, BOUNDS_SECONDS), "+Inf"), list(histogram.counts), strict=True):
        total += count
        buckets.append((bound, total))
    return buckets, histogram.sum_seconds


def _runs(requests: dict[int, int]) -> tuple[list[Any], float]:
    """Return how many runs were for at most so many requests, of how many requests had their run with how many."""
    bounds = [*_SIZES, inf]
    buckets: list[Any] = [
        (
            str(float(bound)).replace("inf", "+Inf"),
            sum(count / size for size, count in requests.items() if size <= bound),
        )
        for bound in bounds
    ]
    return buckets, sum(requests.values())
