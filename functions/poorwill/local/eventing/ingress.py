"""Takes events in by HTTP, and answers once they are on the disk: Knative's Broker and channel ingresses in one."""

import asyncio
from collections.abc import Awaitable, Callable
from socket import socket
from typing import Any

from poorwill.errors import Fault, InvalidRequestError, MethodNotAllowedError, NotFoundError, PoorwillError
from poorwill.events.codec import Mode, decode
from poorwill.events.event import Event
from poorwill.local.eventing.outgoing import BODY_LIMIT_BYTES
from poorwill.local.eventing.switchboard import Nowhere, Switchboard
from poorwill.serving.http.answer import AnswerEncoder
from poorwill.serving.http.connection import Inbox
from poorwill.serving.http.head import Head, KnownHeads
from poorwill.serving.message import Answer, Request
from poorwill.serving.protocol.problem import problem

Enter = Callable[[str, Event, Callable[[PoorwillError | None], None]], None]
"""Writes an event down for who takes from a channel, and tells when that is done or why it is not."""

Elsewhere = Callable[[Request], Awaitable[Answer] | None]
"""Answers requests to addresses that are no channels; None where it does not know them either."""

_ALLOWED = "POST, OPTIONS"
_ALLOW = (("allow", _ALLOWED),)
_ANY_WEBHOOK = (*_ALLOW, ("webhook-allowed-origin", "*"), ("webhook-allowed-rate", "*"))
_COMMON = (("server", "poorwill"),)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_AHEAD_BYTES = 65_536  # that are taken of a next request while one is written down
_BACKLOG = 1024
_DATE_SECONDS = 1.0


class Ingress:
    """The server.

    Args:
        switchboard: what channels there are.
        enter: what writes an event down.
        elsewhere: what answers for all other addresses.
    """

    def __init__(self, switchboard: Switchboard, enter: Enter, elsewhere: Elsewhere) -> None:
        self._switchboard = switchboard
        self._enter = enter
        self._elsewhere = elsewhere
        self._encoder = AnswerEncoder(_COMMON)
        self.known = KnownHeads()
        self.connections: set[_Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._ticker: asyncio.TimerHandle | None = None

    async def start(self, listening: socket) -> None:
        """Take requests from a socket, of whichever family."""
        loop = asyncio.get_running_loop()
        listening.setblocking(False)
        self._server = await loop.create_server(lambda: _Connection(self), sock=listening, backlog=_BACKLOG)
        self._tick()

    async def stop(self) -> None:
        """Take no more requests; those that are being written down are answered."""
        if self._ticker is not None:
            self._ticker.cancel()
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            connection.leave()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def handle(self, request: Request, answer: Callable[[Answer], None]) -> None:
        """Answer a request, now or when its event is written."""
        host = request.headers.get("host", "")
        channel = self._switchboard.find(host, request.path)
        if isinstance(channel, Nowhere):
            answered = self._elsewhere(request)
            if answered is not None:
                self._await(answered, answer)
                return
        if request.method == "OPTIONS":
            answer(Answer(200, content_type="", headers=_ANY_WEBHOOK))
            return
        try:
            event = _event(request, channel)
            if isinstance(channel, Nowhere):
                raise _unknown()
        except PoorwillError as error:
            answer(refusal(error, request))
            return
        self._enter(channel, event, lambda error: answer(refusal(error, request) if error else _ACCEPTED))

    def encode(self, answer: Answer, head: Head | None, *, closing: bool) -> bytes:
        """Return an answer's bytes."""
        said = "close" if closing or head is None else head.connection
        body = b"" if head is not None and head.method == "HEAD" else answer.body
        return self._encoder.encode(answer, said, body)

    def _await(self, answered: Awaitable[Answer], answer: Callable[[Answer], None]) -> None:
        async def finish() -> None:
            try:
                said = await answered
            except PoorwillError as error:
                said = problem(error, "")
            except Exception:  # noqa: BLE001 - one request's bug is not the others' end
                said = problem(PoorwillError(), "")
            answer(said)

        task = asyncio.ensure_future(finish())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _tick(self) -> None:
        self._encoder.tick()
        self._ticker = asyncio.get_running_loop().call_later(_DATE_SECONDS, self._tick)


_ACCEPTED = Answer(202, content_type="", headers=_ALLOW)


class _Connection(asyncio.Protocol):
    """One sender's connection: one request after the other."""

    def __init__(self, ingress: Ingress) -> None:
        self._ingress = ingress
        self._inbox = Inbox(ingress.known, BODY_LIMIT_BYTES)
        self._transport: Any = None
        self._is_busy = False  # a request is being written down
        self._is_leaving = False
        self._is_proceeding = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._ingress.connections.add(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self._ingress.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        self._inbox.take(data)
        if not self._is_busy:
            self._proceed()
        elif len(self._inbox.buffer) >= _AHEAD_BYTES:
            self._transport.pause_reading()

    def leave(self) -> None:
        """Close after the request that is being written down."""
        self._is_leaving = True
        if not self._is_busy:
            self._transport.close()

    def _proceed(self) -> None:
        """Take one whole request after the other; an answer that is there at once does not nest the next."""
        self._is_proceeding = True
        while not self._is_busy and not self._transport.is_closing():
            try:
                request = self._inbox.next()
            except PoorwillError as error:
                self._is_leaving = True  # where the next request would begin is not known
                self._answer(problem(error, ""))
                break
            if request is None:
                if self._inbox.expects():
                    self._transport.write(_CONTINUE)
                break
            self._is_busy = True
            self._ingress.handle(request, self._answer)
        self._is_proceeding = False

    def _answer(self, answer: Answer) -> None:
        if self._transport.is_closing():
            return
        head = self._inbox.head
        data = self._ingress.encode(answer, head, closing=self._is_leaving)
        self._transport.write(data)
        self._is_busy = False
        if self._is_leaving or head is None or head.connection == "close":
            self._transport.close()
            return
        self._transport.resume_reading()
        if not self._is_proceeding and self._inbox.buffer:
            self._proceed()


def refusal(error: PoorwillError, request: Request) -> Answer:
    """Return the answer that says why an event was not taken."""
    said = problem(error, request.headers.get("x-request-id", ""))
    return said if isinstance(error, MethodNotAllowedError) else said._replace(headers=(*said.headers, *_ALLOW))


def _event(request: Request, channel: str | Nowhere) -> Event:
    """Return the one event of a request, judged in the order in which Knative's ingress does."""
    if request.method != "POST":
        posted = Fault("method", _ALLOWED, "another", "send the event by POST")
        raise MethodNotAllowedError(posted, allow=_ALLOWED)
    if channel is Nowhere.MALFORMED:
        raise InvalidRequestError(Fault("path", "/<namespace>/<broker>, or / for a channel", "another", "see its URL"))
    if channel is Nowhere.UNKNOWN and request.path == "/":
        raise _unknown()
    try:
        mode, events = decode(request.headers, bytes(request.body))
    except PoorwillError as error:
        raise InvalidRequestError(*error.faults) from None
    if mode is Mode.BATCH:  # sdk-go's binding.ToEvent, which Knative reads by, takes none either
        raise InvalidRequestError(Fault("content-type", "one event", "a batch", "send the events one by one"))
    return events[0]


def _unknown() -> NotFoundError:
    return NotFoundError(Fault("address", "one of a Broker or channel", "another", "see kubectl get brokers,sequences"))
