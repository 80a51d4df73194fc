"""The traffic of a model moves by one write to its Route, over the state that was read and no other."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from poorwill.delivery.cluster import Cluster
from poorwill.delivery.history import ANNOTATION, History, after, encoded, history_of
from poorwill.delivery.manifests import MODEL_LABEL, model_route, version_of
from poorwill.delivery.owned import owned
from poorwill.delivery.traffic import Split, changed, split_of, traffic_of
from poorwill.delivery.waiting import End, Progress, await_ready, ready_words
from poorwill.delivery.writing import claimed, establish, write_over
from poorwill.errors import ConflictError, FailedError, Fault, NotFoundError, NotReadyError, PoorwillError
from poorwill.kinds.kind import ROUTE, SERVICE, Kind, Object
from poorwill.kinds.names import collisions, rivals
from poorwill.kinds.objects import condition, is_true, labels, observed
from poorwill.registry.names import check_model_name

ROUTE_SECONDS = 60.0
"""How long a Route may take to follow a change; Kourier takes one or two."""
_HAND_OVER = "move it there, or take the Route's traffic over by --force-conflicts, and nothing else of it"


class Plan(NamedTuple):
    """A change of a model's traffic that was decided on a Route as it was read; None where there was none."""

    model: str
    route: Object | None
    before: Split | None
    after: Split
    dropped: tuple[int, ...]
    history: History
    takes_over: bool = False
    """Whether the Route's traffic is taken from another manager that has it; nothing else of the Route ever is."""

    @property
    def changes(self) -> bool:
        """Return whether anything is to be written."""
        wanted = traffic_of(self.model, self.after)
        return self.route is None or _targets(spec_traffic(self.route)) != _targets(wanted)


class Changed(NamedTuple):
    """What became of a model's traffic."""

    model: str
    before: Split | None
    after: Split
    dropped: tuple[int, ...]
    changed: bool
    dry_run: bool
    url: str
    urls: dict[str, str]
    """By tag."""


def silent(_: str) -> None:
    """Take a line of progress for a caller who does not wait for any."""


def split(
    cluster: Cluster,
    model: str,
    wanted: Split,
    *,
    dry_run: bool = False,
    timeout_seconds: float = ROUTE_SECONDS,
    progress: Progress = silent,
) -> Changed:
    """Give each version its share of a model's traffic, and wait until the Route is Ready with it.

    Raises:
        NotFoundError: a version that has no Service.
        NotReadyError: a version that is not Ready yet; or a Route that did not follow in time.
        FailedError: a version that is not Ready and does not get so.
        ConflictError: the Route's traffic is somebody else's, or it changed meanwhile; nothing was written.
    """
    plan = plan_split(cluster, model, wanted)
    return carry_out(cluster, plan, dry_run=dry_run, timeout_seconds=timeout_seconds, progress=progress)


def plan_split(cluster: Cluster, model: str, wanted: Split) -> Plan:
    """Return what a split would change; raises as `split` does, and writes nothing."""
    services = version_services(cluster, check_model_name(model))
    _check_ready(services, wanted)
    route = cluster.get(ROUTE, model)
    _check_names(cluster, model, route, wanted)
    now = split_of(model, spec_traffic(route)) if route else None
    change = changed(now or Split(()), wanted, {number: servable(found) for number, found in services.items()})
    history = after(history_of(route), now, route, change.split, datetime.now(UTC)) if route and now else ()
    return Plan(model, route, now, change.split, change.dropped, history)


def carry_out(
    cluster: Cluster,
    plan: Plan,
    *,
    dry_run: bool = False,
    timeout_seconds: float = ROUTE_SECONDS,
    progress: Progress = silent,
) -> Changed:
    """Write a plan, if the Route still is what it was decided on, and wait for it; raises as `split` does.

    What is there already is waited for, too: somebody else may have just written it, or waited too short.
    """
    route = _write(cluster, plan, dry_run=dry_run) if plan.changes else plan.route or {}
    if not dry_run:
        route = await_route(cluster, plan.model, timeout_seconds=timeout_seconds, progress=progress)
    return Changed(
        plan.model,
        plan.before,
        plan.after,
        plan.dropped,
        plan.changes,
        dry_run,
        (route.get("status") or {}).get("url", ""),
        tag_urls(route),
    )


def await_route(cluster: Cluster, model: str, *, timeout_seconds: float, progress: Progress) -> Object:
    """Return a model's Route once it is Ready; raise FailedError or NotReadyError, while the last good split serves."""
    waited = await_ready(cluster, ROUTE, model, timeout_seconds=timeout_seconds, progress=progress)
    if waited.end == End.READY and waited.obj:
        return waited.obj
    words = ready_words(waited.obj) if waited.obj else "none: it was deleted"
    advice = "callers are served as before it; correct what it names, or `poorwill rollback`"
    fault = Fault(f"Route {model}", "Ready with the new split", words, advice)
    raise (NotReadyError(fault) if waited.end == End.LATE else FailedError(fault))


def version_services(cluster: Cluster, model: str) -> dict[int, Object]:
    """Return a model's version services by version."""
    found = {version_of(service): service for service in cluster.list(SERVICE, {MODEL_LABEL: model})}
    return {version: service for version, service in sorted(found.items(), key=lambda item: item[0] or 0) if version}


def servable(service: Object) -> bool:
    """Return whether a Route may name a version service: a Route does not follow one whose revision is not Ready now.

    A revision that was Ready once still counts where a newer one fails (Knative's pkg/reconciler/route/traffic).
    """
    status = service.get("status") or {}
    ready = status.get("latestReadyRevisionName")
    if not ready or ready != status.get("latestCreatedRevisionName"):
        return bool(ready)
    return is_true(service, "ConfigurationsReady")


def taken(cluster: Cluster, names: Iterable[tuple[Kind, str]]) -> list[Object]:
    """Return those of some objects that are there: a few reads, however much the namespace holds besides."""
    found = (cluster.get(kind, name) for kind, name in names)
    return [obj for obj in found if obj is not None]


def spec_traffic(route: Object) -> list[Object]:
    """Return the targets of a Route's spec."""
    return list((route.get("spec") or {}).get("traffic") or ())


def tag_urls(route: Object) -> dict[str, str]:
    """Return the URLs of a Route's tags."""
    traffic = (route.get("status") or {}).get("traffic") or ()
    return {target["tag"]: target.get("url", "") for target in traffic if target.get("tag")}


def _targets(traffic: list[Object]) -> set[tuple[object, ...]]:
    return {(target.get("tag"), target.get("configurationName"), target.get("percent") or 0) for target in traffic}


def _check_ready(services: Mapping[int, Object], wanted: Split) -> None:
    advice = "`poorwill deploy` brings it, `poorwill status` shows all"
    missing = [
        Fault(f"split, {share.tag}", "a version that is deployed", "no Service of it", advice)
        for share in wanted.shares
        if share.version not in services
    ]
    if missing:
        raise NotFoundError(*missing)
    waiting = []
    for share in wanted.shares:
        service = services[share.version]
        ready = observed(service) and is_true(service, "Ready")
        if ready if share.percent else servable(service):
            continue
        waiting.append((service, Fault(f"split, {share.tag}", "a version that is Ready", ready_words(service), advice)))
    if waiting:
        failed = any((found := condition(service, "Ready")) and found.status == "False" for service, _ in waiting)
        raise _of(FailedError if failed else NotReadyError, [fault for _, fault in waiting])


def _of(kind: Callable[..., PoorwillError], faults: list[Fault]) -> PoorwillError:
    return kind(*faults)


def _check_names(cluster: Cluster, model: str, route: Object | None, wanted: Split) -> None:
    owner = labels(route).get("serving.knative.dev/service") if route else None
    if owner:
        advice = "rename that Service: `poorwill` calls version services <model>-v<number>"
        fault = Fault(f"Route {model}", "one that stands alone", "one that a Service of that name owns", advice)
        raise ConflictError(fault)
    tags = [share.tag for share in wanted.shares]
    faults = collisions(ROUTE, model, tags, taken(cluster, rivals(ROUTE, model, tags)))
    if faults:
        raise ConflictError(*faults)


def _write(cluster: Cluster, plan: Plan, *, dry_run: bool) -> Object:
    """Write the traffic and its history; all else that Poorwill has of the Route stays its own."""
    traffic, history = traffic_of(plan.model, plan.after), {ANNOTATION: encoded(plan.history)}
    if plan.route is None:
        made = model_route(plan.model, cluster.namespace, traffic)
        made["metadata"]["annotations"] = history
        return establish(cluster, made, dry_run=dry_run)

    def wanted(now: Object) -> Object:
        mine = owned(now)
        mine["metadata"]["annotations"] = (mine["metadata"].get("annotations") or {}) | history
        return mine | {"spec": (mine.get("spec") or {}) | {"traffic": traffic}}

    read = plan.route if dry_run else claimed(cluster, plan.route)
    return write_over(cluster, read, wanted, advice=_HAND_OVER, dry_run=dry_run, force=plan.takes_over)
