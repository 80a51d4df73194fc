"""A Route programs its last good split, under names that nobody else holds (pkg/reconciler/route)."""

from collections.abc import Iterable

from poorwill.kinds.kind import INGRESS, PLACEHOLDER, REVISION, Key, Object, key_of
from poorwill.kinds.objects import annotations, labels, observed
from poorwill.local.control.conditions import Conditions
from poorwill.local.control.hosts import Hosts, address, hostname
from poorwill.local.control.labels import ROUTE_LABEL, VISIBILITY_LABEL, is_controlled_by, made
from poorwill.local.control.plan import Find, Note, Plan, created, failed
from poorwill.local.control.traffic import Target, resolve

_DEPENDENTS = ("AllTrafficAssigned", "IngressReady", "CertificateProvisioned")


def reconcile(route: Object, *, find: Find, held: Iterable[Key], hosts: Hosts, now: str) -> Plan:
    """Return what a Route wants; `held` are the placeholders that it made before."""
    conditions = Conditions(route, _DEPENDENTS, now)
    if not observed(route):  # not Ready by what was programmed for an earlier wish
        conditions.unknown("IngressReady", "IngressNotConfigured", "Ingress has not yet been reconciled.")
    status: Object = {**route.get("status", {}), "url": hosts.url(route)}
    split = resolve(route, find)
    if split.problem:
        mark = conditions.false if split.problem.status == "False" else conditions.unknown
        mark("AllTrafficAssigned", split.problem.reason, split.problem.message)
        return Plan(status=conditions.told(route, status))
    status["traffic"] = [_entry(route, target, hosts) for target in split.targets]
    conditions.true("AllTrafficAssigned")
    status["address"] = {"url": address(route)}
    tags = sorted({"", *(target.tag for target in split.targets)})
    placeholders, taken = _placeholders(route, tags, find, hosts)
    notes = [created("placeholder service", obj["metadata"]["name"]) for obj in placeholders]
    if taken:
        text = f'There is an existing placeholder Service "{taken}" that we do not own.'
        conditions.false("IngressReady", "NotOwned", text)
        notes.append(failed(f'route: "{route["metadata"]["name"]}" does not own Service: "{taken}"'))
        return Plan(placeholders, status=conditions.told(route, status), notes=tuple(notes))
    conditions.true("CertificateProvisioned", "TLSNotEnabled", "external-domain-tls is not enabled")
    ingress, made_notes = _ingress(route, status, find, conditions)
    wanted = {hostname(route["metadata"]["name"], tag) for tag in tags}
    return Plan(
        (*placeholders, *ingress),
        tuple(key for key in held if key.name not in wanted),
        conditions.told(route, status),
        (*notes, *made_notes),
    )


def is_published(ingress: Object) -> bool:
    """Return whether every new request follows what is programmed."""
    return bool(ingress.get("status", {}).get("observed") == ingress["spec"])


def published(ingress: Object, spec: Object) -> Object:
    """Return the programmed split with the mark that the data path follows this."""
    return {**ingress, "status": {"observed": spec}}


def programmed(route: Object, ingress: Object) -> Object:
    """Return a Route with the status that requests follow: that of its last good split."""
    return {**route, "status": {**route.get("status", {}), **ingress["spec"]}}


def _entry(route: Object, target: Target, hosts: Hosts) -> Object:
    entry: Object = {
        "revisionName": target.revision,
        "percent": target.percent,
        "latestRevision": target.is_latest,
    }
    return entry | ({"tag": target.tag, "url": hosts.url(route, target.tag)} if target.tag else {})


def _placeholders(route: Object, tags: list[str], find: Find, hosts: Hosts) -> tuple[tuple[Object, ...], str]:
    """Return the placeholders that are missing, in order, up to the first name that is another's, and that name."""
    missing: list[Object] = []
    namespace = route["metadata"]["namespace"]
    for tag in tags:
        name = hostname(route["metadata"]["name"], tag)
        existing = find(Key(PLACEHOLDER, namespace, name))
        if existing is not None and not is_controlled_by(existing, route):
            return tuple(missing), name
        if existing is None and _is_of_a_revision(namespace, name, find):
            return tuple(missing), name
        if existing is None:
            missing.append(_placeholder(route, tag, hosts))
    return tuple(missing), ""


def _is_of_a_revision(namespace: str, name: str, find: Find) -> bool:
    """Return whether a Revision holds the name: each has a Service called like it, and one that is private."""
    names = {name, name.removesuffix("-private")}
    return any(find(Key(REVISION, namespace, revision)) is not None for revision in names)


def _placeholder(route: Object, tag: str, hosts: Hosts) -> Object:
    name = route["metadata"]["name"]
    wanted = made(PLACEHOLDER, route, hostname(name, tag))
    own = {key: text for key, text in labels(route).items() if key != VISIBILITY_LABEL}
    wanted["metadata"] |= {"labels": own | {ROUTE_LABEL: name}, "annotations": dict(annotations(route))}
    port = {"name": "http2", "appProtocol": "kubernetes.io/h2c", "port": 80, "protocol": "TCP", "targetPort": 80}
    wanted["spec"] = {
        "type": "ExternalName",
        "externalName": hosts.external_name(route, tag),
        "sessionAffinity": "None",
        "ports": [port],
    }
    return wanted


def _ingress(
    route: Object, status: Object, find: Find, conditions: Conditions
) -> tuple[tuple[Object, ...], tuple[Note, ...]]:
    """Return what is to be programmed, where it isn't, and say how far that is."""
    metadata = route["metadata"]
    wanted = made(INGRESS, route, metadata["name"])
    wanted["metadata"]["labels"] = labels(route) | {ROUTE_LABEL: metadata["name"]}
    wanted["spec"] = {"url": status["url"], "traffic": status["traffic"]}
    existing = find(key_of(wanted))
    if existing is not None and existing["spec"] == wanted["spec"]:
        if is_published(existing):
            conditions.true("IngressReady")
        else:
            conditions.unknown("IngressReady", "Uninitialized", "Waiting for load balancer to be ready")
        return (), ()
    conditions.unknown("IngressReady", "IngressNotConfigured", "Ingress has not yet been reconciled.")
    if existing is None:
        return (wanted,), (created("Ingress", metadata["name"]),)
    return ({**existing, "spec": wanted["spec"]},), ()
