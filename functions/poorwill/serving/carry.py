"""One version carried by our server: its metrics on a port of their own, and its last words when it ends."""

from collections.abc import Callable

from poorwill.serving.http.server import serve
from poorwill.serving.message import Answer, Request
from poorwill.serving.wake import Awake

Announce = Callable[[str, str, float], None]
"""Takes the version's name, its URL and the milliseconds until it was ready."""


def carry(awake: Awake, *, announce: Announce | None = None) -> None:
    """Serve until SIGTERM; then finish what runs, and flush the metrics."""
    application, settings, log, gate = awake

    def ready(host: str, port: int, metrics_port: int) -> None:
        application.ledger.ready()
        report = application.ledger.report()
        log.line("INFO", "ready", host=host, port=port, metrics_port=metrics_port, cold_start=report)
        if announce:
            url = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104 - only compared
            announce(f"{application.served.name}@{application.served.version}", url, report.ready_ms or 0.0)

    def scrape(_request: Request) -> Answer:
        from poorwill.serving.exposition import Exposition

        return Exposition(application).answer()

    serve(application, settings=settings, metrics=scrape, on_ready=ready, refusal=gate.refusal if gate else None)
    last_words(awake)


def last_words(awake: Awake) -> None:
    """Send the samples that wait; log, and push where a gateway is set, the metrics that nobody will scrape again."""
    application, settings, log, _ = awake
    if application.sampler:
        application.sampler.close()
    log.line("INFO", "stopped", **application.metrics.totals())
    if settings.metrics_push_url:
        from poorwill.serving.exposition import Exposition

        failed = Exposition(application).push(settings.metrics_push_url)
        if failed:
            log.line("ERROR", "metrics not pushed", found=failed)
