"""A version of the registry becomes a Service of Knative that is Ready, or says why it is not."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from poorwill.delivery.api_answer import OvertakenError
from poorwill.delivery.cluster import Cluster
from poorwill.delivery.diagnosis import Diagnosis, diagnose
from poorwill.delivery.furnishing import furnish
from poorwill.delivery.manifests import (
    container_of,
    model_route,
    service_name,
    shared_objects,
    version_service,
)
from poorwill.delivery.split import await_route, spec_traffic, taken
from poorwill.delivery.traffic import Split, all_to, split_of, traffic_of
from poorwill.delivery.version_base import base_of, check_bytes, check_kept
from poorwill.delivery.waiting import End, Progress, Waited, await_ready, ready_words
from poorwill.delivery.writing import claimed, establish, write_over
from poorwill.errors import (
    ConflictError,
    CorruptError,
    DeniedError,
    FailedError,
    Fault,
    NotFoundError,
    NotReadyError,
    PoorwillError,
)
from poorwill.kinds.kind import CONFIG_MAP, ROUTE, SECRET, SERVICE, SERVICE_ACCOUNT, Kind, Object
from poorwill.kinds.names import collisions, rivals
from poorwill.kinds.objects import annotations, labels
from poorwill.registry.records import VersionName, VersionRecord
from poorwill.registry.registry import Registry

READY_SECONDS = 320.0
"""A little more than the progress deadline of knative/base, after which Knative itself says why."""


_HOW_MADE = {
    "poorwill-store": "create it; knative/base has one to start from",
    "poorwill-api-keys": "create it; docs/authentication.md has the command",
    "poorwill-jwt": "create it; docs/authentication.md has the command",
}


class DeployOptions(NamedTuple):
    """How a version is deployed."""

    image: str = ""  # "": as the starting service has it
    start: Path | None = None  # a version service of one's own, as file or kustomization; see starting_service
    components: tuple[str, ...] = ()  # of knative/components, laid over it
    usual_components: tuple[str, ...] = ()  # over a version that is new, where neither of these is said
    store: str = ""  # URL that the namespace's ConfigMap gets where there is none; "" makes nothing
    wait: bool = True
    timeout_seconds: float = READY_SECONDS
    dry_run: bool = False


class Deployed(NamedTuple):
    """A version on a cluster."""

    name: str  # digits@3
    digest: str
    namespace: str
    service: str
    revision: str  # "" where it is not known yet
    image: str
    url: str
    changed: bool
    ready: bool
    dry_run: bool
    traffic: Split
    """Of the model, which a deployment leaves alone except for a model's first version."""
    route_url: str


def deploy(
    cluster: Cluster, registry: Registry, name: VersionName, options: DeployOptions, progress: Progress
) -> Deployed:
    """Bring a version onto a cluster and wait until it is Ready; a model's first version gets all its traffic.

    Args:
        cluster: where to.
        registry: which has the version.
        name: of the version, by number or alias.
        options: see DeployOptions.
        progress: told what is waited for.

    Raises:
        NotFoundError: no such version; or what the pod names is not in the namespace.
        CorruptError: bytes that are not the version's.
        ConflictError: a name that is taken, fields that others manage, a Service of other bytes, authentication that
            would go; nothing was written.
        RefusedError: by the cluster, with its words by field.
        FailedError: it is not going to be Ready; the fault says why, and with which last words.
        NotReadyError: it is not Ready in time.
    """
    if options.image and "@sha256:" not in options.image:
        progress(
            "--image has no digest: what its tag means is looked up once a revision; `poorwill image push` tells it"
        )
    record = registry.resolve(name)
    _check_blobs(registry, record)
    before = cluster.get(SERVICE, service_name(record.model, record.version))
    check_bytes(before, record)
    start = base_of(before, options.start, options.components, options.usual_components)
    packs = [pack.digest for pack in registry.packs(record)]
    service = version_service(start, record, cluster.namespace, image=options.image, packs=packs)
    check_kept(before, service)
    _check_names(cluster, record, before, cluster.get(ROUTE, record.model))
    _furnish(cluster, service, options, progress)
    applied = _write(cluster, before, service, dry_run=options.dry_run)
    changed = before is None or _intent(before) != _intent(applied)
    progress(f"{record.name}: {_said(before, changed=changed, dry_run=options.dry_run)}")
    waits = options.wait and not options.dry_run
    if waits:
        applied = _await(cluster, applied, options.timeout_seconds, progress)
    route = _route(cluster, record, options, progress)
    return _deployed(cluster, record, applied, route, changed=changed, ready=waits, dry_run=options.dry_run)


def await_version(
    cluster: Cluster, registry: Registry, name: VersionName, options: DeployOptions, progress: Progress
) -> Deployed:
    """Return a version that is on the cluster already, once it is Ready; nothing of its Service is changed.

    Raises:
        NotFoundError: no such version, or no Service of it.
        ConflictError: a Service of other bytes.
        FailedError, NotReadyError: as deploy does.
    """
    record = registry.resolve(name)
    service = cluster.get(SERVICE, service_name(record.model, record.version))
    if service is None:
        fault = Fault(f"{record.name}", "a Service of it", "none", "`poorwill deploy` brings it")
        raise NotFoundError(fault)
    check_bytes(service, record)
    if options.wait:
        service = _await(cluster, service, options.timeout_seconds, progress)
    route = _route(cluster, record, options, progress)
    return _deployed(cluster, record, service, route, changed=False, ready=options.wait, dry_run=False)


def _check_blobs(registry: Registry, record: VersionRecord) -> None:
    advice = "push the same file again; see `poorwill verify`"
    faults = [Fault(f"{bad.version}, {bad.part}", bad.wanted, bad.found, advice) for bad in registry.damages(record)]
    if faults:
        raise CorruptError(*faults)


def _check_names(cluster: Cluster, record: VersionRecord, before: Object | None, route: Object | None) -> None:
    name, tags = service_name(record.model, record.version), [f"v{record.version}"]
    generation = 1 + (before["metadata"].get("generation", 0) if before else 0)
    faults = collisions(SERVICE, name, (), taken(cluster, rivals(SERVICE, name, generation=generation)))
    if route is None:
        faults += collisions(ROUTE, record.model, tags, taken(cluster, rivals(ROUTE, record.model, tags)))
    if faults:
        raise ConflictError(*faults)


def _furnish(cluster: Cluster, service: Object, options: DeployOptions, progress: Progress) -> None:
    """Make what is missing and can be made; refuse what Kubernetes would accept and no pod could ever start from."""
    missing = list(_missing(cluster, service))
    made = set(shared_objects()) if options.store else set()
    lacking = [need for need in missing if need[:2] not in made]
    if lacking:  # before anything is made: what is refused leaves nothing behind
        where = f"namespace {cluster.namespace}"
        raise NotFoundError(*(Fault(where, f"{kind.kind} {name}", "none", advice) for kind, name, advice in lacking))
    furnish(cluster, [need[:2] for need in missing], options.store, progress, dry_run=options.dry_run)


def _missing(cluster: Cluster, service: Object) -> Iterator[tuple[Kind, str, str]]:
    for kind, name, advice in needs(service):
        try:
            if cluster.get(kind, name) is None:
                yield kind, name, advice
        except DeniedError:  # a caller with few rights finds out by the pod
            continue


def needs(service: Object) -> Iterator[tuple[Kind, str, str]]:
    """Yield what a version service's pod can't start without: kind, name, and how to make it."""
    spec = service["spec"]["template"].get("spec") or {}
    account = spec.get("serviceAccountName")
    if account:
        yield SERVICE_ACCOUNT, account, f"kubectl create serviceaccount {account}, or apply knative/base"
    container = container_of(service)
    sources = [source for entry in container.get("env") or () if (source := entry.get("valueFrom"))]
    for source in (*(container.get("envFrom") or ()), *sources):
        for member, kind in (("configMap", CONFIG_MAP), ("secret", SECRET)):
            reference = source.get(f"{member}Ref") or source.get(f"{member}KeyRef")
            if reference and not reference.get("optional"):
                yield (
                    kind,
                    reference["name"],
                    _HOW_MADE.get(reference["name"], "create it, as the one who names it says"),
                )


def _said(before: Object | None, *, changed: bool, dry_run: bool) -> str:
    word = "created" if before is None else "changed" if changed else "unchanged"
    return f"{word}, if it were no dry run" if dry_run and changed else word


def _await(cluster: Cluster, service: Object, timeout_seconds: float, progress: Progress) -> Object:
    def hopeless(obj: Object) -> tuple[str, bool]:
        found = diagnose(cluster, obj)
        return f"{found.cause}: {found.words}" if found.cause != "unknown" else "", found.hopeless

    name = service["metadata"]["name"]
    waited = await_ready(cluster, SERVICE, name, timeout_seconds=timeout_seconds, progress=progress, hopeless=hopeless)
    if waited.end == End.READY and waited.obj:
        return waited.obj
    raise _not_ready(cluster, waited, name)


def _not_ready(cluster: Cluster, waited: Waited, name: str) -> PoorwillError:
    if waited.obj is None:
        fault = Fault(f"Service {name}", "Ready", "none: somebody deleted it", "deploy it again")
        return FailedError(fault)
    found = diagnose(cluster, waited.obj, logs=True)
    fault = Fault(f"Service {name}", "Ready", _words(found, waited.obj), found.next)
    image = found.cause == "image"  # no node gets it by waiting
    return FailedError(fault) if waited.end == End.FAILED or image else NotReadyError(fault)


def _words(found: Diagnosis, service: Object) -> str:
    words = f"{found.cause}: {found.words}" if found.cause != "unknown" else ready_words(service)
    return "\n          | ".join((words, *found.lines))


def _write(cluster: Cluster, before: Object | None, service: Object, *, dry_run: bool) -> Object:
    if before is None:
        return establish(cluster, service, dry_run=dry_run)
    read = before if dry_run else claimed(cluster, before)
    advice = "change it there, leave it out of what the version is made from, or delete the version first"
    return write_over(cluster, read, lambda _: service, advice=advice, dry_run=dry_run)


def _route(cluster: Cluster, record: VersionRecord, options: DeployOptions, progress: Progress) -> Object:
    """Return the model's Route as it now is; a model's first version gets all its traffic."""
    found = cluster.get(ROUTE, record.model)
    if found is not None:
        return found
    wanted = model_route(record.model, cluster.namespace, traffic_of(record.model, all_to(record.version)))
    try:
        route = establish(cluster, wanted, dry_run=options.dry_run)
    except OvertakenError:  # another version was the first
        found = cluster.get(ROUTE, record.model)
        if found is None:
            raise
        return found
    if options.dry_run or not options.wait:
        return route
    return await_route(cluster, record.model, timeout_seconds=options.timeout_seconds, progress=progress)


def _deployed(cluster: Cluster, record: VersionRecord, service: Object, route: Object, **flags: bool) -> Deployed:
    status = service.get("status") or {}
    return Deployed(
        name=record.name,
        digest=record.blob.digest,
        namespace=cluster.namespace,
        service=service["metadata"]["name"],
        revision=status.get("latestReadyRevisionName", ""),
        image=container_of(service)["image"],
        url=status.get("url", ""),
        traffic=_shown(record.model, route),
        route_url=(route.get("status") or {}).get("url", ""),
        **flags,
    )


def _shown(model: str, route: Object) -> Split:
    """Return a Route's split; none where it names other things, too, which are nothing to a deployment."""
    try:
        return split_of(model, spec_traffic(route))
    except ConflictError:
        return Split(())


def _intent(service: Object) -> tuple[object, ...]:
    """Return what a status does not touch."""
    return service["metadata"]["generation"], annotations(service), labels(service)
