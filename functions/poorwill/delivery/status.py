"""What is deployed: models, their versions, who gets how much of the traffic, and who sleeps."""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from poorwill.delivery.cluster import Cluster
from poorwill.delivery.diagnosis import SERVICE_LABEL
from poorwill.delivery.manifests import MODEL_LABEL, container_of, variables, version_of
from poorwill.delivery.split import tag_urls
from poorwill.delivery.traffic import target_version
from poorwill.delivery.waiting import ready_words
from poorwill.errors import Fault, NotFoundError, UsageError
from poorwill.kinds.kind import POD, ROUTE, SERVICE, Object
from poorwill.kinds.objects import condition, is_true, labels, observed
from poorwill.registry.names import check_model_name


class State(StrEnum):
    """What a version does now."""

    AWAKE = "awake"
    """At least one pod of it runs."""
    ASLEEP = "asleep"
    """It is ready, and no pod runs."""
    STARTING = "starting"
    """It is not ready yet."""
    FAILED = "failed"


class VersionStatus(NamedTuple):
    """One version on a cluster."""

    version: int
    digest: str
    image: str
    state: State
    replicas: int
    percent: int
    url: str
    tag_url: str  # under the model's name; "" where the Route has no tag for it
    reason: str  # why it is not ready


class ModelStatus(NamedTuple):
    """One model on a cluster."""

    model: str
    url: str  # "" where it has no Route
    ready: bool
    reason: str
    versions: tuple[VersionStatus, ...]


def status(cluster: Cluster, model: str = "") -> tuple[ModelStatus, ...]:
    """Return what is deployed of one model, or of all; raise NotFoundError for one of which nothing is."""
    chosen = {MODEL_LABEL: check_model_name(model) if model else None}
    services: dict[str, list[Object]] = {}
    for service in cluster.list(SERVICE, chosen):
        if version_of(service):
            services.setdefault(labels(service)[MODEL_LABEL], []).append(service)
    # the Routes that version services own bear their labels, too
    routes = {route["metadata"]["name"]: route for route in cluster.list(ROUTE, chosen, without=(SERVICE_LABEL,))}
    routes = {name: route for name, route in routes.items() if name == labels(route).get(MODEL_LABEL)}
    running = Counter(labels(pod).get(SERVICE_LABEL, "") for pod in cluster.list(POD, chosen) if _runs(pod))
    models = sorted(services.keys() | routes.keys())
    if model and not models:
        advice = "`poorwill deploy` brings a version, `poorwill status` lists what is there"
        raise NotFoundError(Fault(f"model {model}", "a version of it on the cluster", "none", advice))
    return tuple(_model(name, routes.get(name), services.get(name, ()), running) for name in models)


def _model(model: str, route: Object | None, services: Iterable[Object], running: Mapping[str, int]) -> ModelStatus:
    own = sorted(services, key=lambda service: version_of(service) or 0)
    found = route or {"metadata": {}}
    ready = route is not None and observed(route) and is_true(route, "Ready")
    return ModelStatus(
        model,
        (found.get("status") or {}).get("url", ""),
        ready,
        "" if ready else ready_words(route) if route else "no Route yet; `poorwill split` makes it",
        tuple(_version(model, service, found, running) for service in own),
    )


def _version(model: str, service: Object, route: Object, running: Mapping[str, int]) -> VersionStatus:
    version = version_of(service) or 0
    container = _container(service)
    replicas = running.get(service["metadata"]["name"], 0)
    state = _state(service, replicas)
    return VersionStatus(
        version,
        variables(container).get("POORWILL_DIGEST", ""),
        container.get("image", ""),
        state,
        replicas,
        _percent(model, version, route),
        (service.get("status") or {}).get("url", ""),
        tag_urls(route).get(f"v{version}", ""),
        ready_words(service) if state in {State.STARTING, State.FAILED} else "",
    )


def _container(service: Object) -> Object:
    try:
        return container_of(service)
    except UsageError:  # somebody else's shape; what it serves is not known
        return {}


def _state(service: Object, replicas: int) -> State:
    ready = condition(service, "Ready")
    if observed(service) and ready and ready.status == "True":
        return State.AWAKE if replicas else State.ASLEEP
    return State.FAILED if observed(service) and ready and ready.status == "False" else State.STARTING


def _percent(model: str, version: int, route: Object) -> int:
    """Return what a version gets by the Route's status, which is what the ingress was programmed with."""
    traffic = (route.get("status") or {}).get("traffic") or ()
    return sum(target.get("percent") or 0 for target in traffic if target_version(model, target) == version)


def _runs(pod: Object) -> bool:
    """Return whether a pod takes requests; those of the few that are awake are asked for, not every revision."""
    return is_true(pod, "Ready") and "deletionTimestamp" not in pod["metadata"]
