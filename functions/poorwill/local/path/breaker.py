"""Who waits and who runs at one revision: slots, a bounded queue in order of arrival, the choice of a process."""

import asyncio
import random
from collections import OrderedDict

from poorwill.errors import Fault, UnavailableError
from poorwill.local.path.backend import Backend
from poorwill.local.revision import Endpoint

QUEUE_LIMIT = 10_000
"""Requests that may wait for one revision, as in knative/serving 1.23: pkg/activator/net/throttler.go."""

_SHUN_SECONDS = 0.1
_IN_ORDER = 3  # up to this limit the first free process is taken, as in newRevisionThrottler there


class Breaker:
    """The slots of one revision's processes, and the requests that wait for one."""

    def __init__(self, queue_limit: int) -> None:
        self._queue_limit = queue_limit
        self._backend = Backend(())
        self._running: dict[Endpoint, int] = {}
        self._waiting: OrderedDict[asyncio.Future[Endpoint], None] = OrderedDict()
        self._shunned: set[Endpoint] = set()
        self._turn = 0

    @property
    def backend(self) -> Backend:
        """Return what was last published of the revision."""
        return self._backend

    def follow(self, backend: Backend) -> None:
        """Take new endpoints and limits: those who wait get the new slots, or hear why there will be none."""
        self._backend = backend
        if backend.failure and not backend.endpoints:
            self.refuse(failed(backend.failure))
        self._hand_out()

    def refuse(self, error: UnavailableError) -> None:
        """Answer all who wait with an error."""
        while self._waiting:
            waiter, _ = self._waiting.popitem(last=False)
            if not waiter.done():
                waiter.set_exception(error)

    async def acquire(self) -> Endpoint:
        """Return a process with a free slot, which must be released; cancelling gives up the place.

        Raises:
            UnavailableError: as many wait as may, or the revision can't start.
        """
        if self._backend.failure and not self._backend.endpoints:
            raise failed(self._backend.failure)
        endpoint = None if self._waiting else self._free()
        if endpoint:
            self._take(endpoint)
            return endpoint
        if len(self._waiting) >= self._queue_limit:
            raise _full(self._queue_limit)
        return await self._wait()

    def release(self, endpoint: Endpoint) -> None:
        """Give a slot back."""
        self._running[endpoint] -= 1
        if not self._running[endpoint]:
            del self._running[endpoint]
        self._hand_out()

    @property
    def retired(self) -> bool:
        """Return whether a process still has requests that is no endpoint any more."""
        return any(endpoint not in self._backend.endpoints for endpoint in self._running)

    def shun(self, endpoint: Endpoint) -> None:
        """Give no requests to a process that takes no connection, for a moment: who dies is not published at once."""
        self._shunned.add(endpoint)
        asyncio.get_running_loop().call_later(_SHUN_SECONDS, self._forgive, endpoint)

    def _forgive(self, endpoint: Endpoint) -> None:
        self._shunned.discard(endpoint)
        self._hand_out()

    async def _wait(self) -> Endpoint:
        waiter: asyncio.Future[Endpoint] = asyncio.get_running_loop().create_future()
        self._waiting[waiter] = None
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter in self._waiting:
                del self._waiting[waiter]
            elif not waiter.cancelled() and not waiter.exception():
                self.release(waiter.result())  # the slot came as the caller went
            raise

    def _hand_out(self) -> None:
        while self._waiting and (endpoint := self._free()):
            waiter, _ = self._waiting.popitem(last=False)
            if not waiter.done():
                self._take(endpoint)
                waiter.set_result(endpoint)

    def _take(self, endpoint: Endpoint) -> None:
        self._running[endpoint] = self._running.get(endpoint, 0) + 1

    def _free(self) -> Endpoint | None:
        """Return the process for the next request, by Knative's policies."""
        endpoints, limit = self._backend.endpoints, self._backend.container_concurrency
        if self._shunned:
            endpoints = tuple(endpoint for endpoint in endpoints if endpoint not in self._shunned)
        if not endpoints:
            return None
        if not limit:
            one, other = random.choice(endpoints), random.choice(endpoints)  # noqa: S311  balances, guards nothing
            return min(one, other, key=lambda endpoint: self._running.get(endpoint, 0))
        first = 0
        if limit > _IN_ORDER:
            self._turn = first = (self._turn + 1) % len(endpoints)
        ordered = endpoints[first:] + endpoints[:first]
        return next((endpoint for endpoint in ordered if self._running.get(endpoint, 0) < limit), None)


def failed(reason: str) -> UnavailableError:
    """Return what callers of a revision that can't start are told."""
    fault = Fault("revision", "a process that starts", reason, "look at the revision's conditions and logs")
    return UnavailableError(fault, retry_after_seconds=10)


def _full(limit: int) -> UnavailableError:
    found = f"{limit} waiting, as many as may"
    return UnavailableError(Fault("revision", "a free place in its queue", found, "ask again later, or add processes"))
