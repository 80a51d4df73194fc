"""What `poorwill ci` takes back where a version does not hold: only what it brought itself; all else stays."""

from typing import NamedTuple

from poorwill.delivery.cluster import Cluster
from poorwill.delivery.manifests import service_name
from poorwill.delivery.removal import Removal, plan_version_removal, remove
from poorwill.delivery.split import ROUTE_SECONDS, carry_out, spec_traffic, version_services
from poorwill.delivery.traffic import Split, split_of
from poorwill.delivery.waiting import Progress
from poorwill.errors import ConflictError, Fault, NotFoundError
from poorwill.kinds.kind import ROUTE
from poorwill.kinds.objects import observed
from poorwill.registry.records import VersionName
from poorwill.registry.registry import Registry


class Seen(NamedTuple):
    """A model on a cluster and in the registry, at one moment."""

    split: Split | None  # None where it has no Route
    deployed: frozenset[int]  # versions that have a Service
    newest: int  # number in the registry, 0 where it has no version


class Undo(NamedTuple):
    """What is to be taken back on the cluster."""

    tag: bool = False
    service: bool = False
    route: bool = False


def look_at(cluster: Cluster, registry: Registry, model: str) -> Seen:
    """Return the model as it is now."""
    route = cluster.get(ROUTE, model)
    split = split_of(model, spec_traffic(route)) if route else None
    return Seen(split, frozenset(version_services(cluster, model)), max(_numbers(registry, model), default=0))


def undo_of(before: Seen, now: Seen, version: int) -> Undo:
    """Return what of a version has come since, and can go without anybody else's traffic."""
    service = version in now.deployed - before.deployed
    if now.split is None or version not in now.split.versions:
        return Undo(service=service)
    if before.split is None and now.split.versions == {version}:
        return Undo(service=service, route=True)
    return Undo(service=service, tag=before.split is None or version not in before.split.versions)


def take_back(
    cluster: Cluster,
    model: str,
    version: int,
    undo: Undo,
    progress: Progress,
    *,
    timeout_seconds: float = ROUTE_SECONDS,
) -> None:
    """Take it back, the Route first; what is gone already is no fault.

    Raises:
        ConflictError: somebody gave the version traffic meanwhile, or names it elsewhere.
        NotReadyError: the Route does not follow in time.
    """
    name = service_name(model, version)
    if undo.route:
        services = version_services(cluster, model)
        own = {name: services[version]} if undo.service and version in services else {}
        removal = Removal(model, own, route=cluster.get(ROUTE, model))
        remove(cluster, removal, timeout_seconds=timeout_seconds, progress=progress)
        return
    if not (undo.tag or undo.service):
        return
    for route in cluster.follow(ROUTE, model, timeout_seconds=timeout_seconds):
        if route is None or observed(route):
            break
    try:
        removal = plan_version_removal(cluster, model, version)
    except NotFoundError:
        return
    if undo.service:
        remove(cluster, removal, timeout_seconds=timeout_seconds, progress=progress)
    elif removal.drained:
        carry_out(cluster, removal.drained, timeout_seconds=timeout_seconds, progress=progress)


def registered_by(registry: Registry, model: str, run: str, before: Seen) -> list[int]:
    """Return the versions that a run has registered; one that it found done is another run's."""
    found = []
    for number in _numbers(registry, model):
        if number <= before.newest:
            continue
        provenance = registry.resolve(VersionName(model, number, None)).provenance
        if provenance and provenance.run == run:
            found.append(number)
    return found


def forget(registry: Registry, model: str, version: int) -> None:
    """Remove a version from the registry; raise ConflictError where an alias points at it."""
    try:
        registry.remove(model, version)
    except NotFoundError:
        return
    except ConflictError as error:
        advice = f"move the alias, then `poorwill rm {model}@{version}`"
        raise ConflictError(*(Fault(f.where, f.wanted, f.found, advice) for f in error.faults)) from None


def _numbers(registry: Registry, model: str) -> list[int]:
    try:
        return [entry.version for entry in registry.versions(model).versions]
    except NotFoundError:
        return []
