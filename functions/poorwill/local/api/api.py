"""The twin's Kubernetes API: one server on loopback, over TLS, for whoever has its token."""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

import msgspec
from aiohttp import web

from poorwill.errors import Fault, UsageError
from poorwill.kinds import admission
from poorwill.kinds.kind import Object
from poorwill.local.access import USER
from poorwill.local.api import documents, pod_log, reads, watch
from poorwill.local.api.body import decoded, decoded_object
from poorwill.local.api.guard import Guard
from poorwill.local.api.request import deletion, json_response, media_type, options, verb, wanted_view
from poorwill.local.api.resources import APPLY, JSON, Review
from poorwill.local.api.reviews import reviewed
from poorwill.local.api.route import Place, place, target
from poorwill.local.api.service_proxy import ServiceProxy, called
from poorwill.local.api.status import (
    StatusError,
    bad_request,
    details,
    internal,
    no_such_resource,
    not_allowed,
    not_found,
)
from poorwill.local.api.tables import META, View, shown, shown_list
from poorwill.local.api.writes import Admit, Target, Writes, Written
from poorwill.local.fence import where
from poorwill.local.state import State

BODY_LIMIT_BYTES = 3 * 1024 * 1024
"""What kube-apiserver takes, too."""

_STOP_SECONDS = 2.0

_logger = logging.getLogger(__name__)

Handler = Callable[[web.Request, Target], Awaitable[web.StreamResponse]]


class Api:
    """Serves a state.

    Args:
        state: what is served and written.
        token: what callers show.
        logs: where the logs of pods lie.
        services: carries requests to Services; with none, there are no Services.
        admit: decides on each object that is written.
    """

    def __init__(
        self,
        state: State,
        *,
        token: str,
        logs: pod_log.Logs = lambda *_: None,
        services: ServiceProxy | None = None,
        admit: Admit = admission.admit,
    ) -> None:
        self._state = state
        self._token = token
        self._logs = logs
        self._services = services
        self._writes = Writes(state, admit, USER)
        self._watches = watch.Watches(state)
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int, tls: ssl.SSLContext) -> int:
        """Serve on a port of loopback, 0 for a free one; return it. Raises UsageError where another process has it."""
        application = web.Application(client_max_size=BODY_LIMIT_BYTES)
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(
            application, access_log=None, handler_cancellation=True, shutdown_timeout=_STOP_SECONDS
        )
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port, ssl_context=tls).start()
        except OSError as error:
            await self._runner.cleanup()
            taken = Fault(f"port {port} of the twin's API", "a free port", "one in use", "end what uses it")
            raise UsageError(taken) from error
        bound = int(self._runner.addresses[0][1])
        self._guard = Guard(self._token, bound)
        return bound

    async def stop(self) -> None:
        """End all watches, let running requests end, and close."""
        self._watches.stop()
        if self._runner:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            self._guard.check(
                path=request.path,
                host=request.headers.get("Host", ""),
                origin=request.headers.get("Origin"),
                authorization=request.headers.get("Authorization", ""),
            )
            return await self._dispatch(request)
        except StatusError as error:
            return json_response(error.status(), error.code)
        except web.HTTPRequestEntityTooLarge:
            message = f"Request entity too large: limit is {BODY_LIMIT_BYTES}"
            return json_response(StatusError(413, "RequestEntityTooLarge", message).status(), 413)
        except (ConnectionError, web.HTTPException, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 # whatever fails, the caller gets a Status, and the log no values
            _logger.error("a request failed: %s at %s", type(error).__name__, where(error))  # noqa: TRY400
            return json_response(internal().status(), 500)

    async def _dispatch(self, request: web.Request) -> web.StreamResponse:
        found = documents.document(request.path, request.headers.get("Accept", ""))
        to = called(request.raw_path) if self._services else None
        if self._services and to:
            return await self._services.carry(request, to)
        at = None if found else place(request.raw_path)
        if at and not at.rest:
            found = documents.resource_list(at.group, at.version)
        if found:
            return web.Response(body=found.body, headers={"Content-Type": found.content_type, "Vary": "Accept"})
        if at is None:
            raise no_such_resource()
        return await self._resource(request, at)

    async def _resource(self, request: web.Request, at: Place) -> web.StreamResponse:
        about = target(at)
        if isinstance(about, Review):
            if request.method != "POST":
                raise not_allowed()
            sent = decoded_object(await request.read(), media_type(request))
            return json_response(reviewed(about, sent, USER), 201)
        asked = verb(request, about)
        subresource = about.resource.subresource(about.subresource) if about.subresource else None
        if asked not in (subresource.verbs if subresource else about.resource.verbs):
            raise not_allowed()
        if about.subresource == "log":
            return await self._log(request, about)
        handlers: dict[str, Handler] = {
            "get": self._get,
            "list": self._list,
            "watch": self._watch,
            "create": self._create,
            "update": self._update,
            "patch": self._patch,
            "delete": self._delete,
            "deletecollection": self._delete_all,
        }
        return await handlers[asked](request, about)

    async def _get(self, request: web.Request, about: Target) -> web.Response:
        obj = self._state.get(about.key)
        if obj is None:
            raise not_found(about.resource.kind, about.name)
        return json_response(shown(obj, about.resource.kind, wanted_view(request), datetime.now(UTC)))

    async def _list(self, request: web.Request, about: Target) -> web.Response:
        kind, wanted = about.resource.kind, wanted_view(request)
        matches = reads.selected(about.resource, about.name, request.query)
        page = reads.page(self._state, kind, about.namespace, matches, request.query, shallow=not wanted.form)
        return json_response(shown_list(page.objects, kind, wanted, datetime.now(UTC), page.metadata))

    async def _watch(self, request: web.Request, about: Target) -> web.StreamResponse:
        query, wanted = request.query, wanted_view(request)
        asked = watch.Wanted(
            about.resource.kind,
            about.namespace,
            reads.selected(about.resource, about.name, query),
            version=reads.number(query, "resourceVersion"),
            initial=reads.flag(query, "sendInitialEvents") if "sendInitialEvents" in query else None,
            bookmarks=reads.flag(query, "allowWatchBookmarks"),
            timeout_seconds=reads.number(query, "timeoutSeconds"),
        )
        response = web.StreamResponse(headers={"Content-Type": JSON})
        await response.prepare(request)
        columns = True
        with suppress(ConnectionError):
            async for event in self._watches.events(asked):
                obj = event.object if event.type == "ERROR" else _row(event.object, about, wanted, columns=columns)
                columns = columns and event.type == "ERROR"
                await response.write(msgspec.json.encode({"type": event.type, "object": obj}) + b"\n")
            await response.write_eof()
        return response

    async def _create(self, request: web.Request, about: Target) -> web.Response:
        sent = decoded_object(await request.read(), media_type(request))
        return _written(request, about, self._writes.create(about, sent, options(request)))

    async def _update(self, request: web.Request, about: Target) -> web.Response:
        sent = decoded_object(await request.read(), media_type(request))
        return _written(request, about, self._writes.update(about, sent, options(request)))

    async def _patch(self, request: web.Request, about: Target) -> web.Response:
        type_, body = media_type(request), await request.read()
        sent = decoded(body, type_) if type_ in about.resource.patches else None
        return _written(
            request, about, self._writes.patch(about, type_, sent, options(request, applies=type_ == APPLY))
        )

    async def _delete(self, request: web.Request, about: Target) -> web.Response:
        kind = about.resource.kind
        obj = self._writes.delete(about, await deletion(request))
        if self._state.get(about.key) is not None and "deletionTimestamp" in obj["metadata"]:
            return json_response(obj)
        told = {**details(kind, about.name), "uid": obj["metadata"]["uid"]}
        return json_response(
            {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": told}
        )

    async def _delete_all(self, request: web.Request, about: Target) -> web.Response:
        kind, how = about.resource.kind, await deletion(request)
        matches = reads.selected(about.resource, "", request.query)
        deleted = []
        for obj in self._state.list(kind, about.namespace):
            if matches(obj):
                metadata = obj["metadata"]
                one = about._replace(namespace=metadata.get("namespace", ""), name=metadata["name"])
                deleted.append(self._writes.delete(one, how))
        return json_response(
            shown_list(deleted, kind, View(), datetime.now(UTC), {"resourceVersion": str(self._state.version)})
        )

    async def _log(self, request: web.Request, about: Target) -> web.StreamResponse:
        pod = self._state.get(about.key)
        if pod is None:
            raise not_found(about.resource.kind, about.name)
        asked = pod_log.wanted(request.query, pod)
        path = self._logs(about.namespace, about.name, asked.container, asked.previous)
        if path is None or not path.exists():
            what = "previous terminated container" if asked.previous else "container"
            raise bad_request(f'{what} "{asked.container}" in pod "{about.name}" has no log')
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await response.prepare(request)
        with suppress(ConnectionError):
            async for block in pod_log.blocks(
                path, asked, lambda: pod_log.runs(self._state.get(about.key), asked.container, pod)
            ):
                await response.write(block)
            await response.write_eof()
        return response


def _row(obj: Object, about: Target, wanted: View, *, columns: bool) -> Object:
    """Return an object of a watch; a bookmark has no columns to show."""
    if wanted.form == "Table" and "name" not in obj["metadata"]:
        head = {"kind": "Table", "apiVersion": META, "metadata": obj["metadata"]}
        return {**head, "columnDefinitions": None, "rows": []}
    return shown(obj, about.resource.kind, wanted, datetime.now(UTC), columns=columns)


def _written(request: web.Request, about: Target, done: Written) -> web.Response:
    obj = shown(done.obj, about.resource.kind, wanted_view(request), datetime.now(UTC))
    return json_response(obj, 201 if done.created else 200, done.warnings)
