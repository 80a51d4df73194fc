"""What is deleted is first out of the traffic: a Route that names a Service that is gone is stuck as a whole."""

from collections.abc import Iterable, Iterator, Mapping
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
from poorwill.delivery.writing import delete_over
from poorwill.errors import ConflictError, Fault, NotFoundError, NotReadyError
from poorwill.kinds.kind import ROUTE, SERVICE, Kind, Object
from poorwill.kinds.objects import labels, observed, owner
from poorwill.registry.names import check_model_name


class Removal(NamedTuple):
    """What goes, as it was decided."""

    model: str
    services: Mapping[str, Object]
    """By name, as they were read."""
    route: Object | None
    """The model's Route where that goes, too, so that its callers find nothing any more."""
    drained: Plan | None = None
    """The change of the Route that comes first."""


class Removed(NamedTuple):
    """What went."""

    model: str
    services: tuple[str, ...]
    route: bool
    dry_run: bool


def plan_version_removal(cluster: Cluster, model: str, version: int, *, takes_over: bool = False) -> Removal:
    """Return what deleting one version takes; `takes_over` as in a Plan.

    Raises:
        NotFoundError: no such version on the cluster.
        ConflictError: a Route still sends it traffic, or names it without being the model's.
    """
    name = service_name(check_model_name(model), version)
    service = version_services(cluster, model).get(version)
    if service is None:
        advice = "`poorwill status` lists what is there"
        raise NotFoundError(Fault(f"Service {name}", "a version that is deployed", "none", advice))
    routes = _standalone(cluster)
    _refuse_where_named(routes, name, but=model)
    route = next((route for route in routes if route["metadata"]["name"] == model), None)
    drained = _drained(model, version, route)._replace(takes_over=takes_over) if route and _names(route, name) else None
    return Removal(model, {name: service}, route=None, drained=drained)


def plan_model_removal(cluster: Cluster, model: str, *, with_traffic: bool = False) -> Removal:
    """Return what deleting a model with all its versions takes; raises as plan_version_removal does.

    Args:
        cluster: where it is.
        model: its name.
        with_traffic: whether its own Route may go though it has traffic; another one's always refuses it.
    """
    services = {
        service["metadata"]["name"]: service for service in version_services(cluster, check_model_name(model)).values()
    }
    routes = _standalone(cluster)
    route = next((route for route in routes if route["metadata"]["name"] == model), None)
    if not services and route is None:
        advice = "`poorwill status` lists what is there"
        raise NotFoundError(Fault(f"model {model}", "a version or a Route of it on the cluster", "none", advice))
    others = [route for route in routes if route["metadata"]["name"] != model]
    for name in services:
        _refuse_where_named(others, name, but=model)
    if route and not with_traffic and any(target.get("percent") for target in _targets(route)):
        advice = "add --with-traffic if its callers may find nothing any more"
        raise ConflictError(Fault(f"Route {model}", "no traffic", "callers who are led to its versions", advice))
    return Removal(model, services, route=route)


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
        ConflictError: a Route or a Service changed meanwhile, or a Route names what would go; that stays.
        NotReadyError: something that does not go in time.
    """
    if removal.drained:
        carry_out(cluster, removal.drained, dry_run=dry_run, timeout_seconds=timeout_seconds, progress=progress)
    if dry_run:
        for kind, name in _order(removal):
            cluster.delete(kind, name, dry_run=True)
        return Removed(removal.model, tuple(removal.services), removal.route is not None, dry_run)
    for kind, name in _order(removal):
        if kind is SERVICE:
            _refuse_where_named(_standalone(cluster), name, but="")
            cluster.delete(kind, name, only={"uid": removal.services[name]["metadata"]["uid"]})
        elif removal.route:
            delete_over(cluster, removal.route)
        _await_gone(cluster, kind, name, timeout_seconds)
        progress(f"{kind.kind} {name}: gone")
    return Removed(removal.model, tuple(removal.services), removal.route is not None, dry_run)


def _order(removal: Removal) -> list[tuple[Kind, str]]:
    gone: list[tuple[Kind, str]] = [(ROUTE, removal.model)] if removal.route else []
    return [*gone, *((SERVICE, name) for name in removal.services)]


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
    for traffic in (spec_traffic(route), _served(route)):
        found = [target.get("percent") or 0 for target in traffic if _means(target, name)]
        if found:
            yield sum(found)


def _served(route: Object) -> list[Object]:
    return list((route.get("status") or {}).get("traffic") or ())


def _targets(route: Object) -> list[Object]:
    return [*spec_traffic(route), *_served(route)]


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
