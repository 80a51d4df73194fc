"""Events on their way out: one HTTP request each, over connections that are kept."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from poorwill.local.eventing.answer_reader import AnswerReader, UnreadableError
from poorwill.local.eventing.delivery_policy import Outcome
from poorwill.local.eventing.subscription import Place
from poorwill.serving.http.answer import encoded

BODY_LIMIT_BYTES = 33_554_432
"""Of a reply: what a predictor takes by default, too."""

_CONNECT_SECONDS = 10.0
_IDLE_SECONDS = 15.0
_SWEEP_SECONDS = 5.0
_HTTP_PORT = 80

Address = tuple[str, int]
Then = Callable[[Outcome], None]
"""Told once what came of a request."""


class Outgoing:
    """Sends events.

    Args:
        gateway: returns where everything goes that has no port: it leads by the host.
    """

    def __init__(self, gateway: Callable[[], Address]) -> None:
        self._gateway = gateway
        self._loop = asyncio.get_running_loop()
        self._idle: dict[Address, deque[_Connection]] = {}
        self._connections: set[_Connection] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._sweeper = self._loop.call_later(_SWEEP_SECONDS, self._sweep)

    def send(
        self, place: Place, headers: Mapping[str, str], body: bytes, *, timeout_seconds: float, then: Then
    ) -> None:
        """Send an event to a place."""
        try:
            head = _head(place, headers, len(body))
        except ValueError:
            self._loop.call_soon(then, Outcome(0, why="an address or attribute that HTTP/1.1 can't carry"))
            return
        request = _Request(head + body, then)
        request.timer = self._loop.call_later(timeout_seconds, request.expire)
        self._submit(self._address(place.host), request)

    async def stop(self) -> None:
        """End all that is under way; nobody is told."""
        self._sweeper.cancel()
        for task in self._opening:
            task.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)
        for connection in list(self._connections):
            connection.abandon()

    def release(self, connection: "_Connection") -> None:
        """Keep a connection for the next event."""
        connection.idle_since_seconds = self._loop.time()
        self._idle.setdefault(connection.address, deque()).append(connection)

    def lost(self, connection: "_Connection", request: "_Request | None") -> None:
        """Forget a connection; what was sent on it and never seen to arrive goes out once more over a new one."""
        self._connections.discard(connection)
        idle = self._idle.get(connection.address)
        if idle is not None and connection in idle:
            idle.remove(connection)
        if request is not None:
            self._open(connection.address, request)

    def _submit(self, address: Address, request: "_Request") -> None:
        idle = self._idle.get(address)
        while idle:
            connection = idle.pop()
            if not connection.is_closing:
                connection.ask(request)
                return
        self._open(address, request)

    def _open(self, address: Address, request: "_Request") -> None:
        task = self._loop.create_task(self._connect(address, request))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _connect(self, address: Address, request: "_Request") -> None:
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                _, connection = await self._loop.create_connection(lambda: _Connection(self, address), *address)
        except (OSError, TimeoutError) as error:
            request.finish(Outcome(0, why=f"no connection ({type(error).__name__})"))
            return
        self._connections.add(connection)
        if request.is_finished:
            self.release(connection)
        else:
            connection.ask(request)

    def _address(self, host: str) -> Address:
        name, separator, port = host.rpartition(":")
        if not separator or host.endswith("]"):
            return self._gateway()
        return name.strip("[]"), int(port or _HTTP_PORT)

    def _sweep(self) -> None:
        oldest = self._loop.time() - _IDLE_SECONDS
        for idle in self._idle.values():
            while idle and idle[0].idle_since_seconds <= oldest:
                idle.popleft().abandon()
        self._sweeper = self._loop.call_later(_SWEEP_SECONDS, self._sweep)


def _head(place: Place, headers: Mapping[str, str], length_bytes: int) -> bytes:
    """Return a request's head; ValueError where a part of it would break out of its line, or is no latin-1."""
    fields = encoded((("host", place.host), ("content-length", str(length_bytes)), *headers.items()))
    if any(character <= " " for character in place.path):
        raise ValueError("a space in a path")
    return f"POST {place.path or '/'} HTTP/1.1\r\n".encode("latin-1") + fields + b"\r\n"


class _Request:
    """One event under way."""

    __slots__ = ("_then", "connection", "data", "is_finished", "timer")

    def __init__(self, data: bytes, then: Then) -> None:
        self.data = data
        self._then = then
        self.is_finished = False
        self.connection: _Connection | None = None
        self.timer: asyncio.TimerHandle | None = None

    def finish(self, outcome: Outcome) -> None:
        if not self.is_finished:
            self.is_finished = True
            if self.timer is not None:
                self.timer.cancel()
            self._then(outcome)

    def expire(self) -> None:
        if self.connection is not None:
            self.connection.abandon()
        self.finish(Outcome(0, timed_out=True, why="no answer in time"))


class _Connection(asyncio.Protocol):
    """One connection to one address, for one request after the other."""

    def __init__(self, outgoing: Outgoing, address: Address) -> None:
        self._outgoing = outgoing
        self.address = address
        self.idle_since_seconds = 0.0
        self._transport: Any = None
        self._request: _Request | None = None
        self._reader = AnswerReader(BODY_LIMIT_BYTES)
        self._is_used = False  # it has carried a request before

    @property
    def is_closing(self) -> bool:
        return bool(self._transport.is_closing())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def ask(self, request: _Request) -> None:
        self._request, request.connection = request, self
        self._reader = AnswerReader(BODY_LIMIT_BYTES)
        self._transport.write(request.data)

    def data_received(self, data: bytes) -> None:
        request = self._request
        if request is None:  # nobody asked
            self.abandon()
            return
        try:
            if not self._reader.take(data):
                return
        except UnreadableError:
            self.abandon()
            request.finish(Outcome(0, why="no answer that HTTP/1.1 knows, or too long a one"))
            return
        self._done(request)

    def connection_lost(self, exc: Exception | None) -> None:
        request, self._request = self._request, None
        again = None
        if request is not None and not request.is_finished:
            if self._reader.end() and exc is None:
                request.finish(Outcome(self._reader.status, self._reader.headers, self._reader.body))
            elif self._is_used and not self._reader.begun:
                again = request  # it was closed just as the request went out
            else:
                request.finish(Outcome(0, why="the connection ended before the answer did"))
        self._outgoing.lost(self, again)

    def abandon(self) -> None:
        """Close at once, whatever is under way."""
        self._request = None
        self._transport.abort()

    def _done(self, request: _Request) -> None:
        reader = self._reader
        self._request = request.connection = None
        if reader.ends or self._transport.get_write_buffer_size():  # it answered without reading all
            self._transport.abort()
        else:
            self._is_used = True
            self._outgoing.release(self)
        request.finish(Outcome(reader.status, reader.headers, reader.body))
