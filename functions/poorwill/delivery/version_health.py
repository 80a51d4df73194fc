"""What is wrong with deployed version services: stacked timeouts, bounds in the wrong order, who keeps one awake."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from poorwill.delivery.manifests import container_of, variables, version_of
from poorwill.delivery.split import spec_traffic
from poorwill.delivery.traffic import target_version
from poorwill.errors import UsageError
from poorwill.kinds.duration import seconds
from poorwill.kinds.kind import Object
from poorwill.kinds.objects import annotations, labels
from poorwill.settings import SETTINGS

DRAIN_SECONDS = 30
"""What queue-proxy waits before the container gets its SIGTERM, out of the same grace period (knative.md 2)."""
_DEFAULT_TIMEOUT_SECONDS = 300
_DEFAULT_PROGRESS_SECONDS = 600
_RESERVED_PORTS = {8008, 8012, 8013, 8022, 8112, 9090, 9091}
_AUTOSCALING, _SERVING = "autoscaling.knative.dev/", "serving.knative.dev/"
_DEFAULTS = {setting.variable: setting.row.default for setting in SETTINGS}


class Finding(NamedTuple):
    """One thing that is wrong with a version service."""

    check: str
    found: str
    next: str
    broken: bool = False


class _Version(NamedTuple):
    """What of a version service is looked at."""

    name: str
    percent: int
    template: Object
    container: Object
    variables: dict[str, str]

    def number(self, variable: str) -> float:
        """Return the number that a variable is set to, or its default."""
        try:
            return float(self.variables.get(variable) or _DEFAULTS[variable])
        except ValueError:
            return float(_DEFAULTS[variable])

    def annotation(self, name: str) -> str:
        """Return an annotation of the template, "" where there is none."""
        return annotations(self.template).get(name, "")

    @property
    def min_scale(self) -> int:
        """Return how many pods never sleep."""
        value = self.annotation(f"{_AUTOSCALING}min-scale") or self.annotation(f"{_AUTOSCALING}minScale") or "0"
        return int(value) if value.isdecimal() else 0


def look(services: Iterable[Object], routes: Iterable[Object]) -> Iterator[Finding]:
    """Yield what is wrong, version by version."""
    percents = _percents(routes)
    for service in services:
        if version_of(service) is None:
            continue
        name = service["metadata"]["name"]
        try:
            container = container_of(service)
        except UsageError:
            yield Finding(name, "no container that serves", "call the one that does predictor", broken=True)
            continue
        template = service["spec"]["template"]
        version = _Version(name, percents.get(name, 0), template, container, variables(container))
        yield from _timeouts(version)
        yield from _bounds(version)
        yield from _awake(version)
        yield from _image(version)


def _percents(routes: Iterable[Object]) -> dict[str, int]:
    """Return what each version service gets of all standalone Routes together."""
    found: dict[str, int] = {}
    for route in routes:
        if labels(route).get(f"{_SERVING}service"):
            continue
        model = route["metadata"]["name"]
        for target in spec_traffic(route):
            version = target_version(model, target)
            if version is not None:
                name = f"{model}-v{version}"
                found[name] = found.get(name, 0) + (target.get("percent") or 0)
    return found


def _timeouts(version: _Version) -> Iterator[Finding]:
    """Yield where one wait ends before the one inside it."""
    spec = version.template.get("spec") or {}
    timeout_seconds = spec.get("timeoutSeconds") or _DEFAULT_TIMEOUT_SECONDS
    fetch_seconds = version.number("POORWILL_FETCH_TIMEOUT_SECONDS")
    if fetch_seconds >= timeout_seconds:
        found = f"the store is waited for {fetch_seconds:g} s, callers for {timeout_seconds} s"
        yield Finding(f"{version.name}, timeouts", found, "lower POORWILL_FETCH_TIMEOUT_SECONDS", broken=True)
    grace_seconds = version.number("POORWILL_GRACE_SECONDS")
    left_seconds = timeout_seconds - DRAIN_SECONDS
    if grace_seconds > left_seconds:
        found = f"requests get {grace_seconds:g} s to end, of which Knative leaves {left_seconds} s"
        yield Finding(f"{version.name}, timeouts", found, "lower POORWILL_GRACE_SECONDS, or raise timeoutSeconds")
    progress_seconds = _seconds(version.annotation(f"{_SERVING}progress-deadline")) or _DEFAULT_PROGRESS_SECONDS
    if progress_seconds < fetch_seconds:
        found = f"a start is given up after {progress_seconds:g} s, the store is waited for {fetch_seconds:g} s"
        yield Finding(f"{version.name}, timeouts", found, f"raise {_SERVING}progress-deadline", broken=True)


def _bounds(version: _Version) -> Iterator[Finding]:
    concurrency = (version.template.get("spec") or {}).get("containerConcurrency") or 0
    limit = version.number("POORWILL_CONCURRENCY_LIMIT")
    if not concurrency:
        found = "Knative sends as many requests at once as come"
        yield Finding(f"{version.name}, concurrency", found, "set containerConcurrency")
    elif limit < concurrency:
        found = f"Knative sends {concurrency} requests at once, the process takes {limit:g}"
        yield Finding(f"{version.name}, concurrency", found, "raise POORWILL_CONCURRENCY_LIMIT", broken=True)


def _awake(version: _Version) -> Iterator[Finding]:
    """Yield what keeps it from sleeping."""
    if version.min_scale and not version.percent:
        advice = f"set min-scale to 0, or `poorwill delete` it; it gets no traffic and keeps {version.min_scale} awake"
        yield Finding(f"{version.name}, retired", f"min-scale {version.min_scale} at 0 %", advice)
    elif version.min_scale:
        found = f"min-scale {version.min_scale}: never asleep, on purpose or not"
        yield Finding(f"{version.name}, awake", found, f"set {_AUTOSCALING}min-scale to 0 to let it sleep")
    serving = {entry.get("containerPort") for entry in version.container.get("ports") or ()} or {8080}
    scraped = version.annotation("prometheus.io/port")
    if version.annotation("prometheus.io/scrape") != "true":
        pass
    elif scraped and not scraped.isdecimal():
        advice = "give the number of POORWILL_METRICS_PORT: an address has no port by name"
        yield Finding(f"{version.name}, metrics", f"prometheus.io/port is no number: {scraped}", advice)
    elif not scraped or int(scraped) in serving:
        found = "Prometheus scrapes the port that serves, which wakes it and keeps it awake"
        advice = "scrape POORWILL_METRICS_PORT (prometheus.io/port)"
        yield Finding(f"{version.name}, awake", found, advice)
    metrics = int(version.number("POORWILL_METRICS_PORT"))
    if metrics in _RESERVED_PORTS | serving:
        found = f"the metrics port {metrics} is queue-proxy's, or the one that serves"
        yield Finding(f"{version.name}, metrics", found, "choose another POORWILL_METRICS_PORT", broken=True)


def _image(version: _Version) -> Iterator[Finding]:
    if version.container.get("imagePullPolicy") == "Always":
        advice = "set imagePullPolicy: IfNotPresent, and pin the image's digest"
        yield Finding(f"{version.name}, image", "each start asks the image's registry", advice)


def _seconds(text: str) -> float:
    """Return the seconds of a Go duration; 0 where there is none."""
    try:
        return seconds(text) if text else 0.0
    except ValueError:
        return 0.0
