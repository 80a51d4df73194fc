"""What is deleted is first out of the traffic: a Route that names a Service that is gone is stuck as a whole."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from poorwill.delivery.cluster import Cluster
from poorwill.delivery.history import history_of
from poorwill.delivery.manifests import service_name
from poorwill.delivery.split import (
    ROUTE_SECONDS,
    Plan,
    carry_out,
    silent,
    spec_traffic,
    version_services,
)
from poorwill.delivery.traffic import split_of, target_version
from poorwill.delivery.waiting import Progress
from poorwill.errors import ConflictError, Fault, NotFoundError, NotReadyError
from poorwill.kinds.kind import ROUTE, SERVICE, Kind, Object
from poorwill.kinds.objects import labels, observed, owner
from poorwill.registry.names import check_model_name


class Removal(NamedTuple):
    """What goes, as it was decided."""

    model: str
    services: tuple[str, ...]
    route: bool
    """Whether the model's Route goes, too, so that its callers find nothing any more."""
    drained: Plan | None = None
    """The change of the Route that comes first."""


class Removed(NamedTuple):
    """What went."""

    model: str
    services: tuple[str, ...]
    route: bool
    dry_run: bool


def plan_version_removal(cluster: Cluster, model: str, version: int) -> Removal:
    """Return what deleting one version takes.

    Raises:
        NotFoundError: no such version on the cluster.
        ConflictError: a Route still sends it traffic, or names it without being the model's.
    """
    name = service_name(check_model_name(model), version)
    if version not in version_services(cluster, model):
        advice = "`poorwill status` lists what is there"
        raise NotFoundError(Fault(f"Service {name}", "a version that is deployed", "none", advice))
    routes = _standalone(cluster)
    _refuse_where_named(routes, name, but=model)
    route = next((route for route in routes if route["metadata"]["name"] == model), None)
    drained = _drained(model, version, route) if route and _names(route, name) else None
    return Removal(model, (name,), route=False, drained=drained)


def plan_model_removal(cluster: Cluster, model: str) -> Removal:
    """Return what deleting a model with all its versions takes; raises as plan_version_removal does.

    The model's own Route goes first, and with it its traffic: only another Route's refuses it.
    """
    services = tuple(
        service["metadata"]["name"] for service in version_services(cluster, check_model_name(model)).values()
    )
    routes = _standalone(cluster)
    has_route = any(route["metadata"]["name"] == model for route in routes)
    if not services and not has_route:
        advice = "`poorwill status` lists what is there"
        raise NotFoundError(Fault(f"model {model}", "a version or a Route of it on the cluster", "none", advice))
    others = [route for route in routes if route["metadata"]["name"] != model]
    for name in services:
        _refuse_where_named(others, name, but=model)
    return Removal(model, services, route=has_route)


def remove(
    cluster: Cluster,
    removal: Removal,
    *,
    dry_run: bool = False,
    timeout_seconds: float = ROUTE_SECONDS,
    progress: Progress = silent,
) -> Removed:
    """Delete what was planned, in the order in which nobody is sent to what is gone.

    Raises:
        ConflictError: the Route changed meanwhile; nothing was deleted.
        NotReadyError: something that does not go in time.
    """
    if removal.drained:
        carry_out(cluster, removal.drained, dry_run=dry_run, timeout_seconds=timeout_seconds, progress=progress)
    gone: list[tuple[Kind, str]] = [(ROUTE, removal.model)] if removal.route else []
    for kind, name in (*gone, *((SERVICE, name) for name in removal.services)):
        cluster.delete(kind, name, dry_run=dry_run)
        if not dry_run:
            _await_gone(cluster, kind, name, timeout_seconds)
            progress(f"{kind.kind} {name}: gone")
    return Removed(removal.model, removal.services, removal.route, dry_run)


def _standalone(cluster: Cluster) -> list[Object]:
    """Return the namespace's Routes but those that Services own, each of which names its Service alone."""
    return [
        route
        for route in cluster.list(ROUTE)
        if owner(route) is None and not labels(route).get("serving.knative.dev/service")
    ]


def _refuse_where_named(routes: Iterable[Object], name: str, *, but: str) -> None:
    faults = [fault for route in routes for fault in _uses(route, name, own=route["metadata"]["name"] == but)]
    if faults:
        raise ConflictError(*faults)


def _uses(route: Object, name: str, *, own: bool) -> Iterator[Fault]:
    """Yield why a Route keeps a version: traffic in its spec or status, or a tag in another model's Route."""
    where = f"Route {route['metadata']['name']}"
    percent = max(_percents(route, name), default=None)
    if percent:
        advice = "`poorwill split` takes its traffic away" if own else "take it out of that Route"
        yield Fault(where, f"no traffic to {name}", f"{percent} %", advice)
    elif percent is not None and not own:
        yield Fault(where, f"no target {name}", "one of 0 %", "take it out of that Route")


def _percents(route: Object, name: str) -> Iterator[int]:
    """Yield what a version gets by the spec and by the status, which are different while a change is on its way."""
    for traffic in (spec_traffic(route), (route.get("status") or {}).get("traffic") or ()):
        found = [target.get("percent") or 0 for target in traffic if _means(target, name)]
        if found:
            yield sum(found)


def _names(route: Object, name: str) -> bool:
    return any(True for _ in _percents(route, name))


def _means(target: Object, name: str) -> bool:
    model, _, version = name.rpartition("-v")
    return target_version(model, target) == int(version)


def _drained(model: str, version: int, route: Object) -> Plan:
    """Return the change that takes a version of 0 % out of a Route."""
    if not observed(route):
        fault = Fault(f"Route {model}", "one that has followed its last change", "one that is on its way", "try again")
        raise NotReadyError(fault)
    now = split_of(model, spec_traffic(route))
    return Plan(model, route, now, now.without(version), (version,), history_of(route))


def _await_gone(cluster: Cluster, kind: Kind, name: str, timeout_seconds: float) -> None:
    for obj in cluster.follow(kind, name, timeout_seconds=timeout_seconds):
        if obj is None:
            return
    advice = f"`kubectl describe {kind.singular} {name}` shows its finalizers"
    raise NotReadyError(Fault(f"{kind.kind} {name}", "gone", "still there", advice))
