"""From a Destination to a URL: an object's address, or a URL as it stands (knative.dev/pkg/resolver)."""

from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from poorwill.kinds.kind import PLACEHOLDER, Key, Object, named
from poorwill.local.control.plan import Find
from poorwill.local.eventing.addresses import CLUSTER_DOMAIN, unreachable


class Resolved(NamedTuple):
    """Where a Destination is, or why nobody knows."""

    url: str = ""
    problem: str = ""


class Scene(NamedTuple):
    """What a Destination is resolved by."""

    find: Find
    domain: str  # that the external hosts of Routes end in


def resolve(destination: Object, namespace: str, scene: Scene) -> Resolved:
    """Return where a Destination is; `namespace` is that of the object which names it."""
    found = _found(destination, namespace, scene.find)
    problem = found.problem or unreachable(found.url, scene.domain)
    return Resolved(problem=problem) if problem else found


def target(destination: Object | None, namespace: str) -> Key | None:
    """Return which object a Destination names, None where it names none, or one of a kind that isn't here."""
    reference = (destination or {}).get("ref") or {}
    kind = named(reference.get("apiVersion", ""), reference.get("kind", ""))
    if kind is None:
        return None
    return Key(kind, reference.get("namespace") or namespace, reference.get("name", ""))


def _found(destination: Object, namespace: str, find: Find) -> Resolved:
    uri: str = destination.get("uri") or ""
    if not destination.get("ref"):
        parts = urlsplit(uri) if _is_url(uri) else None
        if parts and parts.scheme and parts.hostname:
            return Resolved(uri)
        if uri:
            return Resolved(problem="URI is not absolute (both scheme and host should be non-empty)")
        return Resolved(problem="destination missing Ref and URI, expected at least one")
    at = _address(destination, namespace, find)
    if at.problem or not uri:
        return at
    if _is_url(uri) and urlsplit(uri).scheme:
        return Resolved(problem="absolute URI is not allowed when Ref or [apiVersion, kind, name] exists")
    return Resolved(urljoin(at.url, uri))


def _address(destination: Object, namespace: str, find: Find) -> Resolved:
    reference, key = destination["ref"], target(destination, namespace)
    if key is None:
        words = f"{reference.get('kind')} of {reference.get('apiVersion')}"
        return Resolved(problem=f"failed to get lister for {words}: the twin has no such kind")
    obj = find(key)
    if obj is None:
        what = f"{key.kind.plural}.{key.kind.group} " if key.kind.group else f"{key.kind.plural} "
        where = f"{key.namespace}/{key.name}"
        return Resolved(problem=f'failed to get object {where}: {what}"{key.name}" not found')
    if key.kind is PLACEHOLDER:  # Kubernetes' own Services have no address, and a name
        return Resolved(f"http://{key.name}.{key.namespace}.{CLUSTER_DOMAIN}")
    url: str = ((obj.get("status") or {}).get("address") or {}).get("url", "")
    if not url:
        return Resolved(problem=f"address not set for {key.kind.kind} {key.namespace}/{key.name}")
    return Resolved(url)


def _is_url(text: str) -> bool:
    try:
        urlsplit(text)
    except ValueError:
        return False
    return True
