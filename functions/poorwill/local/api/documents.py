"""What stands at the paths that are about no object: health, version, discovery, OpenAPI."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from poorwill.kinds.kind import Object
from poorwill.local.api import discovery, openapi
from poorwill.local.api.resources import JSON
from poorwill.local.api.status import no_such_resource

HEALTH = ("/healthz", "/livez", "/readyz")


class Document(NamedTuple):
    """A body and its type."""

    body: bytes
    content_type: str = JSON


def document(path: str, accept: str) -> Document | None:
    """Return what stands at a path, None where that is for others to know; NotFound for a group that isn't there."""
    path = path.rstrip("/") or "/"
    if path in {"/api", "/apis"} and discovery.wants_aggregated(accept):
        return Document(msgspec.json.encode(discovery.aggregated(core=path == "/api")), discovery.AGGREGATED)
    made = _MADE.get(path)
    if made:
        return made()
    if path.startswith("/openapi/v3/"):
        return Document(openapi.document(path.removeprefix("/openapi/v3/")) or _missing())
    if path.startswith("/apis/") and path.count("/") == 2:
        return _json(discovery.group(path.removeprefix("/apis/")))
    return None


def resource_list(group: str, version: str) -> Document:
    """Return what one version of a group has; NotFound where it isn't there."""
    return _json(discovery.resource_list(group, version))


def _json(value: Object | None) -> Document:
    return Document(msgspec.json.encode(value or _missing()))


def _missing() -> bytes:
    raise no_such_resource()


_MADE: dict[str, Callable[[], Document]] = {
    **dict.fromkeys(HEALTH, lambda: Document(b"ok", "text/plain; charset=utf-8")),
    "/": lambda: _json(discovery.paths()),
    "/api": lambda: _json(discovery.core_versions()),
    "/apis": lambda: _json(discovery.group_list()),
    "/version": lambda: _json(discovery.VERSION),
    "/openapi/v2": lambda: Document(openapi.empty_v2(), openapi.V2_PROTOBUF),
    "/openapi/v3": lambda: _json(openapi.index()),
}
