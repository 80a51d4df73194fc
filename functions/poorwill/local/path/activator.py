"""The activator: decides which revision a request goes to, holds it while none of its processes is up, carries it.

What a caller is answered when the function itself does not:

    404  no Route has the host, or the Route names a revision that is gone
    502  the process broke off before it began to answer; the request is not repeated
    503  as many requests wait for the revision as may, or run as there are descriptors for (with Retry-After); or it
         can't start (its reason is told)
    504  the revision's timeoutSeconds, responseStartTimeoutSeconds or idleTimeoutSeconds have passed, waiting
         included, before the answer began

An answer that has begun and breaks off, is silent for idleTimeoutSeconds, or lasts longer than timeoutSeconds, ends
with the connection.
"""

import asyncio
import random
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from socket import socket
from typing import Any

from aiohttp import web

from poorwill.errors import Fault, NotFoundError, PoorwillError, UnavailableError, UpstreamTimeoutError
from poorwill.local import descriptors
from poorwill.local.path import headers
from poorwill.local.path.backend import Backend, Measure
from poorwill.local.path.breaker import QUEUE_LIMIT, Breaker
from poorwill.local.path.meter import Meter
from poorwill.local.path.proxying import HEAD_BYTES, HEADER_COUNT, Proxy, RefusedConnectionError, answer
from poorwill.local.path.table import Table, choose
from poorwill.local.revision import RevisionKey
from poorwill.serving.protocol.problem import problem

_BACKLOG = 1024
GRACE_SECONDS = 30.0
"""What running requests get to end when the data path does."""

_POLL_SECONDS = 0.002

SETTLE_SECONDS = 0.5
"""Time that a request gets, from the choice of its process, to arrive there before the process may be drained."""

Demand = Callable[[RevisionKey], None]
"""Called for every request that arrives for a revision without endpoints."""


class Activator:
    """A proxy that can wait.

    Args:
        demand: told of every request that finds no process.
        queue_limit: requests that may wait for one revision.
        clock: seconds that only grow.
    """

    def __init__(
        self, demand: Demand, *, queue_limit: int = QUEUE_LIMIT, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._demand = demand
        self._queue_limit = queue_limit
        self._clock = clock
        self._table = Table()
        self._breakers: dict[RevisionKey, Breaker] = {}
        self._gone: list[tuple[RevisionKey, Breaker]] = []
        self._meters: dict[RevisionKey, Meter] = {}
        self._runners: list[web.ServerRunner] = []
        self._servers: list[_Server] = []
        self._inside = 0
        self._proxy = Proxy()

    async def start(self, listening: socket, *, behind_envoy: bool = False) -> None:
        """Take requests from a socket; those from behind Envoy may say which revision it chose."""
        if not self._runners:
            await self._proxy.__aenter__()
        server = _Server(
            partial(self._handle, behind_envoy=behind_envoy),
            handler_cancellation=True,
            access_log=None,
            auto_decompress=False,
            max_line_size=HEAD_BYTES,
            max_field_size=HEAD_BYTES,
            max_headers=HEADER_COUNT,
        )
        runner = web.ServerRunner(server, shutdown_timeout=GRACE_SECONDS)
        await runner.setup()
        self._runners.append(runner)
        self._servers.append(server)
        # one connection at a time: asyncio tries as many as this in a row, also where no descriptor is left for any
        await web.SockSite(runner, listening, backlog=1).start()
        listening.listen(_BACKLOG)

    def follow(self, table: Table, backends: Mapping[RevisionKey, Backend]) -> None:
        """Go by these from now on: who waits for a revision that has processes now is sent to them."""
        self._table = table
        self._gone = [(revision, breaker) for revision, breaker in self._gone if breaker.retired]
        for revision in self._breakers.keys() - backends.keys():
            breaker = self._breakers.pop(revision)
            breaker.follow(Backend(()))
            breaker.refuse(_gone())
            self._gone.append((revision, breaker))
        for revision, backend in backends.items():
            breaker = self._breakers.get(revision) or self._breakers.setdefault(revision, Breaker(self._queue_limit))
            if breaker.backend != backend:
                breaker.follow(backend)

    async def settle(self, revision: RevisionKey) -> None:
        """Wait, not for long, until no former process of a revision works: what was sent just now has begun then."""
        end = self._clock() + SETTLE_SECONDS
        while self._clock() < end and any(breaker.retired for breaker in self._all_of(revision)):  # noqa: ASYNC110
            await asyncio.sleep(_POLL_SECONDS)

    def _all_of(self, revision: RevisionKey) -> Iterator[Breaker]:
        if revision in self._breakers:
            yield self._breakers[revision]
        yield from (breaker for former, breaker in self._gone if former == revision)

    def measure(self) -> dict[RevisionKey, Measure]:
        """Return what every revision had to do since the last call."""
        for revision in [key for key, meter in self._meters.items() if meter.idle and key not in self._breakers]:
            del self._meters[revision]
        return {revision: meter.measure() for revision, meter in self._meters.items()}

    async def stop(self) -> None:
        """Take no more requests, let the running ones end, and close."""
        await asyncio.gather(*(runner.cleanup() for runner in self._runners))
        if self._runners:
            await self._proxy.__aexit__(None, None, None)
        self._runners.clear()

    async def _handle(self, request: web.BaseRequest, *, behind_envoy: bool) -> web.StreamResponse:
        caller = headers.Caller("" if behind_envoy else request.remote or "", headers.request_id(request.headers))
        try:
            revision = headers.chosen(request.headers) if behind_envoy else None
            if revision not in self._breakers:  # not chosen, or deleted since
                revision = self._split(request)
            breaker = self._breakers.get(revision)
            if breaker is None:
                raise _unknown()
            if self._is_full:
                raise _crowded()
            self._inside += 1
            try:
                return await self._carry(request, revision, breaker, caller)
            finally:
                self._inside -= 1
        except PoorwillError as error:
            said = problem(error, caller.request_id)
            extra = {"Content-Type": said.content_type, "Server": "poorwill", **dict(said.headers)}
            response = web.Response(status=said.status, body=said.body, headers=extra)
            if self._is_full:
                response.force_close()
            return response

    @property
    def _is_full(self) -> bool:
        """Return whether the descriptors for requests are used up, one more for what each is to be sent on by."""
        return sum(server.connected for server in self._servers) + self._inside >= descriptors.for_requests()

    def _split(self, request: web.BaseRequest) -> RevisionKey:
        shares = self._table.shares(request.headers.get("Host", ""))
        if not shares:
            raise _unknown()
        return choose(shares, random.randrange(100))  # noqa: S311  balances, guards nothing

    async def _carry(
        self, request: web.BaseRequest, revision: RevisionKey, breaker: Breaker, caller: headers.Caller
    ) -> web.StreamResponse:
        meter = self._meters.get(revision) or self._meters.setdefault(revision, Meter(self._clock))
        if not breaker.backend.endpoints:
            self._demand(revision)
        meter.enter()
        try:
            return await self._send(request, breaker, caller)
        except TimeoutError:
            raise _late() from None
        finally:
            meter.leave()

    async def _send(self, request: web.BaseRequest, breaker: Breaker, caller: headers.Caller) -> web.StreamResponse:
        limits, arrived = breaker.backend, asyncio.get_running_loop().time()
        end = arrived + limits.timeout_seconds
        sooner = (limits.response_start_timeout_seconds, limits.idle_timeout_seconds)
        start = min([end, *(arrived + seconds for seconds in sooner if seconds)])  # of the answer, at the latest
        while True:
            async with asyncio.timeout_at(start):
                endpoint = await breaker.acquire()
            try:
                async with asyncio.timeout_at(start):
                    upstream = await self._proxy.ask(request, endpoint, caller)
                async with upstream:
                    return await answer(request, upstream, end, limits.idle_timeout_seconds)
            except RefusedConnectionError:
                breaker.shun(endpoint)
            finally:
                breaker.release(endpoint)


class _Server(web.Server):
    """A server that knows how many connections it has."""

    connected = 0

    def connection_made(self, handler: Any, transport: asyncio.Transport) -> None:
        """Count a connection in."""
        self.connected += 1
        super().connection_made(handler, transport)

    def connection_lost(self, handler: Any, exc: BaseException | None = None) -> None:
        """Count it out."""
        self.connected -= 1
        super().connection_lost(handler, exc)


def _unknown() -> NotFoundError:
    return NotFoundError(Fault("host", "one that a Route has", "another", "see `poorwill status` for the URLs"))


def _crowded() -> UnavailableError:
    found = "as many requests as it may have connections for (ulimit -n)"
    return UnavailableError(Fault("the twin", "a free place", found, "ask again later, or raise that limit"))


def _gone() -> UnavailableError:
    found = "a revision that was deleted meanwhile"
    return UnavailableError(Fault("revision", "one that exists", found, "ask again: the Route may name another now"))


def _late() -> UpstreamTimeoutError:
    fault = Fault(
        "function", "an answer within the revision's timeouts", "none", "look at the revision's conditions and logs"
    )
    return UpstreamTimeoutError(fault)
