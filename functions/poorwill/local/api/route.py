"""What a path means: a document, a question, a kind's objects, or one of them."""

from typing import NamedTuple
from urllib.parse import unquote

from poorwill.local.api.resources import Resource, Review, resource_at, review_at
from poorwill.local.api.status import no_such_resource
from poorwill.local.api.writes import Target


class Place(NamedTuple):
    """One path under a group's version."""

    group: str
    version: str
    rest: tuple[str, ...]  # what stands behind these


def place(raw_path: str) -> Place | None:
    """Return a path under /api/v1 or /apis/GROUP/VERSION, None for any other."""
    parts = tuple(unquote(part) for part in raw_path.partition("?")[0].strip("/").split("/"))
    if parts[:1] == ("api",) and len(parts) >= 2:
        return Place("", parts[1], parts[2:])
    if parts[:1] == ("apis",) and len(parts) >= 3:
        return Place(parts[1], parts[2], parts[3:])
    return None


def target(found: Place) -> Target | Review:
    """Return what a path is about; NotFound where nothing is served."""
    namespace, rest = "", found.rest
    if rest[:1] == ("namespaces",) and (len(rest) > 3 or (len(rest) == 3 and rest[2] != "status")):
        namespace, rest = rest[1], rest[2:]
    plural, name, subresource = (*rest, "", "", "")[:3]
    review = review_at(found.group, found.version, plural)
    if review and len(rest) == 1 and not namespace:
        return review
    resource = resource_at(found.group, found.version, plural)
    if resource is None or len(rest) > 3 or "" in rest or not _fits(resource, namespace, name, subresource):
        raise no_such_resource()
    return Target(resource, namespace, name, subresource)


def _fits(resource: Resource, namespace: str, name: str, subresource: str) -> bool:
    """Return whether the path has a namespace where it needs one, and a subresource that is there."""
    if subresource and resource.subresource(subresource) is None:
        return False
    return bool(namespace) is resource.kind.namespaced or (not namespace and not name)
