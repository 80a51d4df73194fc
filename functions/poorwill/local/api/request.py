"""What a request asks for, out of its method, its headers and its query; and how answers are written."""

import msgspec
from aiohttp import web

from poorwill.kinds.kind import Object
from poorwill.local.api import reads
from poorwill.local.api.body import decoded_object
from poorwill.local.api.resources import JSON
from poorwill.local.api.status import bad_request, not_allowed
from poorwill.local.api.tables import View, view
from poorwill.local.api.writes import Deletion, Options, Target

_POLICIES = ("", "Background", "Foreground", "Orphan")
_VALIDATIONS = ("Strict", "Warn", "Ignore")
_LONGEST_MANAGER = 128
_ON_ALL = {"GET": "list", "POST": "create", "DELETE": "deletecollection"}
_ON_ONE = {"GET": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


def verb(request: web.Request, about: Target) -> str:
    """Return Kubernetes' word for what is asked; MethodNotAllowed where there is none."""
    found = (_ON_ONE if about.name else _ON_ALL).get(request.method)
    if found in {"get", "list"} and not about.subresource and reads.flag(request.query, "watch"):
        return "watch"
    if found is None:
        raise not_allowed()
    return found


def media_type(request: web.Request) -> str:
    """Return the type of the body; JSON where none is told, as for kube-apiserver."""
    return request.content_type if "Content-Type" in request.headers else JSON


def wanted_view(request: web.Request) -> View:
    """Return how the caller wants objects."""
    return view(request.headers.get("Accept", ""), request.query.get("includeObject", ""))


def options(request: web.Request, *, applies: bool = False) -> Options:
    """Return how the caller wants a write done."""
    query = request.query
    validation = query.get("fieldValidation") or "Warn"
    if validation not in _VALIDATIONS:
        raise bad_request(f"fieldValidation: wanted one of {', '.join(_VALIDATIONS)}")
    manager = query.get("fieldManager", "")
    if len(manager) > _LONGEST_MANAGER or not (manager or "x").isprintable():
        raise bad_request(f"fieldManager: wanted at most {_LONGEST_MANAGER} printable characters")
    if not manager and not applies:
        agent = request.headers.get("User-Agent", "").partition("/")[0][:_LONGEST_MANAGER]
        manager = agent if agent.isprintable() and agent else "unknown"
    return Options(manager, _dry_run(query.getall("dryRun", [])), reads.flag(query, "force"), validation)


async def deletion(request: web.Request) -> Deletion:
    """Return how the caller wants an object deleted: by the body, or by the query."""
    body = await request.read()
    sent = decoded_object(body, media_type(request)) if body else {}
    policy = sent.get("propagationPolicy") or request.query.get("propagationPolicy", "")
    if not policy and (sent.get("orphanDependents") or request.query.get("orphanDependents") == "true"):
        policy = "Orphan"
    if policy not in _POLICIES:
        raise bad_request("propagationPolicy: wanted Background, Foreground or Orphan")
    only = sent.get("preconditions") or {}
    if not isinstance(only, dict) or not all(
        isinstance(only.get(name) or "", str) for name in ("uid", "resourceVersion")
    ):
        raise bad_request("preconditions: wanted uid and resourceVersion, both strings")
    dry_run = _dry_run(sent.get("dryRun") or request.query.getall("dryRun", []))
    return Deletion(
        policy, only.get("uid") or "", only.get("resourceVersion") or "", _grace_seconds(request, sent), dry_run
    )


def _grace_seconds(request: web.Request, sent: Object) -> int | None:
    seconds = sent.get("gracePeriodSeconds")
    if seconds is None and request.query.get("gracePeriodSeconds"):
        seconds = reads.number(request.query, "gracePeriodSeconds")
    if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int) or seconds < 0):
        raise bad_request("gracePeriodSeconds: wanted a whole number of seconds, 0 or more")
    return seconds


def json_response(value: Object, code: int = 200, warnings: tuple[str, ...] = ()) -> web.Response:
    """Return an answer in JSON; warnings go into headers, which kubectl shows."""
    response = web.Response(body=msgspec.json.encode(value), status=code, content_type=JSON)
    for warning in warnings:
        quoted = warning.replace("\\", "\\\\").replace('"', '\\"')
        response.headers.add("Warning", f'299 - "{quoted}"')
    response.headers["Cache-Control"] = "no-cache, private"
    return response


def _dry_run(given: object) -> bool:
    if given not in ([], ["All"]):
        raise bad_request("dryRun: wanted All, or nothing")
    return bool(given)
