"""What is wrong with a cluster or a namespace, as rows: what was looked at, how it is, what to do."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from poorwill.delivery import durability, version_health
from poorwill.delivery.cluster import Cluster
from poorwill.delivery.deploy import needs
from poorwill.delivery.manifests import starting_service
from poorwill.errors import DeniedError, Fault, NotFoundError, PoorwillError
from poorwill.kinds.kind import CONFIG_MAP, ROUTE, SERVICE, Object


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    """It works, and costs, or may not tomorrow."""
    FAIL = "fail"
    """Something does not work."""


class Row(NamedTuple):
    """One thing that was looked at."""

    check: str
    level: Level
    found: str
    next: str = ""


class Platform(NamedTuple):
    """Knative's own ConfigMaps, None for each that can't be read."""

    features: Object | None
    defaults: Object | None
    network: Object | None
    domain: Object | None
    autoscaler: Object | None


Check = Callable[[Cluster, str], Iterator[Row]]
"""Looks at one thing; takes the cluster and the store that the command line reads."""

_SYSTEM = "knative-serving"
_VERSION_LABEL = "app.kubernetes.io/version"
_OLDEST = (1, 21)  # older ones let a Route that a Service owns name others, and were not tried

# feature, what it defaults to, and what of ours needs it (knative.md 3 and 7)
_FEATURES = (("kubernetes.podspec-volumes-emptydir", "enabled", "knative/base: /tmp for models with external data"),)
_OPTIONAL_FEATURES = (
    ("kubernetes.podspec-nodeselector", "disabled", "a component that chooses nodes, as for a GPU"),
    ("kubernetes.podspec-tolerations", "disabled", "a component that chooses nodes, as for a GPU"),
)
_RIGHTS = (
    *(
        (verb, "serving.knative.dev", kind)
        for kind in ("services", "routes")
        for verb in ("get", "list", "create", "patch", "delete")
    ),
    ("list", "serving.knative.dev", "revisions"),
    ("get", "serving.knative.dev", "revisions"),
    ("get", "serving.knative.dev", "configurations"),
)
_FURNISHING_RIGHTS = tuple(
    (verb, "", kind) for kind in ("configmaps", "serviceaccounts") for verb in ("create", "patch")
)
_HELPFUL_RIGHTS = (
    ("list", "", "pods"),
    ("get", "", "pods/log"),
    ("get", "", "configmaps"),
    ("get", "", "serviceaccounts"),
)


def examine(cluster: Cluster, store: str = "") -> tuple[Row, ...]:
    """Look at everything and return a row for each thing.

    Args:
        cluster: to look at, and the namespace in it.
        store: that this command line reads; compared with the one that pods read.

    Raises:
        UnavailableError: the cluster can't be reached, so nothing can be looked at.
    """
    rows = [*_reachable(cluster)]
    for check in (_platform, _rights, _needs, _store):
        rows += _looked(check, cluster, store)
    rows += [*_looked(_versions, cluster, store), *_looked(_eventing, cluster, store)]
    return tuple(rows)


def worst(rows: Sequence[Row]) -> Level:
    """Return how bad the worst is."""
    levels = {row.level for row in rows}
    return next((level for level in (Level.FAIL, Level.WARN) if level in levels), Level.OK)


def _looked(check: Check, cluster: Cluster, store: str) -> list[Row]:
    """Return a check's rows; one that could not look says why in its row."""
    try:
        return list(check(cluster, store))
    except PoorwillError as error:
        name = check.__name__.strip("_")
        level = Level.WARN if isinstance(error, DeniedError) else Level.FAIL
        return [_unseen(name, fault, level) for fault in error.faults]


def _unseen(name: str, fault: Fault, level: Level) -> Row:
    return Row(name, level, fault.found, f"{fault.where}: wanted {fault.wanted}; {fault.next}")


def _reachable(cluster: Cluster) -> Iterator[Row]:
    with suppress(DeniedError, NotFoundError):  # an answer, too; the rows below say what it means
        cluster.list(SERVICE)
    yield Row("reachable", Level.OK, f"{'the twin' if cluster.is_twin else 'the cluster'} at {cluster.address}")


def _platform(cluster: Cluster, _: str) -> Iterator[Row]:
    if cluster.is_twin:
        yield Row("knative", Level.OK, "the twin, which has what Poorwill needs of it")
        return
    names = [f"config-{name}" for name in Platform._fields]
    try:
        found = Platform(*(cluster.get(CONFIG_MAP, name, namespace=_SYSTEM) for name in names))
    except DeniedError:
        advice = f"ask for a Role with `get configmaps` in {_SYSTEM}; Knative's settings were not looked at"
        yield Row("knative", Level.WARN, "no right to read its settings", advice)
        return
    yield from knative(found)


def knative(platform: Platform) -> Iterator[Row]:
    """Yield what Knative's own settings mean for Poorwill."""
    yield _version(platform.features)
    features = _data(platform.features)
    for name, default, why in _FEATURES:
        value = features.get(name, default).lower()
        level = Level.OK if value == "enabled" else Level.FAIL
        advice = "" if level == Level.OK else f"set {name}: enabled in ConfigMap config-features ({why})"
        yield Row(f"feature {name}", level, value, advice)
    for name, default, why in _OPTIONAL_FEATURES:
        value = features.get(name, default).lower()
        yield Row(f"feature {name}", Level.OK, value, "" if value == "enabled" else f"only for {why}")
    yield from _network(_data(platform.network), _data(platform.domain))
    yield from _scale(_data(platform.autoscaler), _data(platform.defaults))


def _version(features: Object | None) -> Row:
    version = ((features or {}).get("metadata", {}).get("labels") or {}).get(_VERSION_LABEL, "")
    numbers = tuple(int(part) for part in version.lstrip("v").split(".")[:2] if part.isdecimal())
    if len(numbers) < 2:
        return Row("knative", Level.WARN, "a version that it does not tell", "Poorwill was run on 1.23")
    if numbers < _OLDEST:
        return Row("knative", Level.WARN, version, "use 1.21 or newer; Poorwill was run on 1.23")
    return Row("knative", Level.OK, version)


def _network(network: dict[str, str], domain: dict[str, str]) -> Iterator[Row]:
    ingress = network.get("ingress-class") or network.get("ingress.class") or ""
    if ingress:
        yield Row("ingress", Level.OK, ingress)
    else:
        advice = "set ingress-class in config-network, such as kourier.ingress.networking.knative.dev, else Istio's is"
        yield Row("ingress", Level.WARN, "none chosen", advice)
    domains = [name for name in domain if not name.startswith("_") and name != "svc.cluster.local"]
    if domains:
        yield Row("domain", Level.OK, ", ".join(sorted(domains)))
    else:
        advice = "set one in config-domain, or use cluster-local URLs only"
        yield Row("domain", Level.WARN, "none, so that URLs end in svc.cluster.local", advice)


def _scale(autoscaler: dict[str, str], defaults: dict[str, str]) -> Iterator[Row]:
    if autoscaler.get("enable-scale-to-zero", "true").lower() == "true":
        yield Row("scale to zero", Level.OK, "on")
    else:
        advice = "set enable-scale-to-zero: true in config-autoscaler"
        yield Row("scale to zero", Level.FAIL, "off for the whole cluster", advice)
    longest_seconds = int(defaults.get("max-revision-timeout-seconds", "600"))
    wanted_seconds = starting_service()["spec"]["template"]["spec"]["timeoutSeconds"]
    short = longest_seconds < wanted_seconds
    advice = f"raise max-revision-timeout-seconds in config-defaults to {wanted_seconds}" if short else ""
    yield Row("longest timeout", Level.FAIL if short else Level.OK, f"{longest_seconds} s", advice)


def _data(config: Object | None) -> dict[str, str]:
    return dict((config or {}).get("data") or {})


def _rights(cluster: Cluster, _: str) -> Iterator[Row]:
    for rights, level, why in (
        (_RIGHTS, Level.FAIL, "deploy, split and delete need it"),
        (_FURNISHING_RIGHTS, Level.WARN, "deploy makes by it what a new namespace lacks"),
        (_HELPFUL_RIGHTS, Level.WARN, "without it a failed start is not explained"),
    ):
        missing = [right for right in rights if not _may(cluster, *right)]
        for verb, group, resource in missing:
            right = f"{verb} {resource}" + (f".{group}" if group else "")
            yield Row("rights", level, f"none to {right}", f"ask for a Role with it: {why}")
        if not missing:
            yield Row("rights", Level.OK, ", ".join(sorted({f"{verb} {resource}" for verb, _, resource in rights})))


def _may(cluster: Cluster, verb: str, group: str, resource: str) -> bool:
    resource, _, subresource = resource.partition("/")
    attributes = {"namespace": cluster.namespace, "verb": verb, "group": group, "resource": resource}
    attributes |= {"subresource": subresource} if subresource else {}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "metadata": {},
        "spec": {"resourceAttributes": attributes},
    }
    return bool((cluster.create(review).get("status") or {}).get("allowed"))


def _needs(cluster: Cluster, _: str) -> Iterator[Row]:
    for kind, name, advice in needs(starting_service()):
        there = cluster.get(kind, name) is not None
        found = "there" if there else "none in the namespace"
        yield Row(f"{kind.kind} {name}", Level.OK if there else Level.FAIL, found, "" if there else advice)


def _store(cluster: Cluster, store: str) -> Iterator[Row]:
    config = cluster.get(CONFIG_MAP, "poorwill-store")
    theirs = _data(config).get("POORWILL_STORE", "")
    if not config or not store:
        return
    same = _place(theirs) == _place(store)
    advice = "" if same else "push to the store that pods read (--store), or change ConfigMap poorwill-store"
    found = "pods and this command line read the same" if same else "pods and this command line read different ones"
    yield Row("store", Level.OK if same else Level.WARN, found, advice)


def _versions(cluster: Cluster, _: str) -> Iterator[Row]:
    routes = cluster.list(ROUTE)
    services = cluster.list(SERVICE)
    for found in version_health.look(services, routes):
        yield Row(found.check, Level.FAIL if found.broken else Level.WARN, found.found, found.next)
    if services:
        yield Row("version services", Level.OK, f"{len(services)} looked at")


def _eventing(cluster: Cluster, _: str) -> Iterator[Row]:
    for kept in durability.look(cluster):
        if not kept.channel:
            yield Row(kept.name, Level.WARN, "what it keeps events in is not known", "ask for `get configmaps` there")
        elif not kept.volatile:
            yield Row(kept.name, Level.OK, kept.channel)
        elif durability.is_for_development(cluster):
            yield Row(kept.name, Level.OK, f"{kept.channel}, in a namespace for development")
        else:
            yield Row(
                kept.name, Level.FAIL, f"{kept.channel}: a pod that ends takes its events along", durability.ADVICE
            )


def _place(store: str) -> str:
    """Return a store's URL in one spelling; a folder in full."""
    return store.rstrip("/") if "://" in store else str(Path(store).resolve())
