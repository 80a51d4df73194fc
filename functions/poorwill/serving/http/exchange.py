"""From bytes to a request, and to whoever answers it; all of it on the loop's thread."""

import socket
from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, Any

from poorwill.errors import PoorwillError
from poorwill.serving.http.application import Application, Batching, Begun, Call, Refusal
from poorwill.serving.http.connection import IDLE, RECEIVING, SENDING, WAITING, Connection, Inbox
from poorwill.serving.http.head import KnownHeads
from poorwill.serving.http.poll import READ
from poorwill.serving.http.refusal import too_many, too_slow
from poorwill.serving.http.sender import Sender
from poorwill.serving.message import Answer, Request
from poorwill.settings import Settings

if TYPE_CHECKING:
    from poorwill.serving.http.pool import Pool

_RECEIVE_BYTES = 65_536  # from 128 kB on, each call maps and unmaps memory: 6 times the cost of a small read
_SPARE_CONNECTIONS = 128  # over the limit, to be told so; still more are closed without a word
_TOGETHER = 16  # requests that are answered step by step; with more there is no gain, and the first waits for the last
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Exchange:
    """Takes requests in and has them answered, here or on a thread.

    Deadlines are attributes that `expire` sweeps now and then: a request that comes in one piece costs one assignment.
    """

    def __init__(
        self,
        application: Application,
        metrics: Call | None,
        *,
        settings: Settings,
        sender: Sender,
        wake: Callable[[], None],
        refusal: Refusal | None = None,
    ) -> None:
        self._is_heavy = application.is_heavy
        self._answer = application.answer
        self._metrics = metrics or application.answer
        self._settings = settings
        self._sender = sender
        self._send = sender.send
        self._ready: list[tuple[Connection, Request]] = []  # of this turn, to be answered together
        self._behind: list[Connection] = []  # of those, the ones that have sent more
        self._wake = wake
        self._refusal = refusal
        self._pool: Pool | None = None
        self._known = KnownHeads()
        self._application = application
        self._shares = application.shares
        self._batcher: Batching | None = None  # made when it is first needed: no start and no first answer waits for it
        self._accepted = 0  # requests for the model that wait for a thread or have one

    def open(self, client: socket.socket, *, for_metrics: bool) -> None:
        """Take a new connection, or tell it that there are too many."""
        limit = self._settings.connection_limit
        over = len(self._sender.connections) - limit
        if over >= _SPARE_CONNECTIONS:
            client.close()
            return
        client.setblocking(False)
        refusal = None if for_metrics else self._refusal
        inbox = Inbox(self._known, self._settings.body_limit_bytes, refusal)
        connection = Connection(client, inbox, deadline=self._sender.idle_deadline, for_metrics=for_metrics)
        self._sender.open(connection)
        if over >= 0 and not for_metrics:
            self._sender.refuse(connection, too_many("connections", limit))

    def readable(self, connection: Connection) -> None:
        """Read what came, and have answered what is whole: now, or in `answer_ready`, which must follow."""
        state = connection.state
        try:
            if state is RECEIVING:
                data: Any = connection.inbox.receive(connection.socket, _RECEIVE_BYTES)
            else:
                data = connection.recv(_RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:  # a reset: nobody is there to be told
            self._sender.close(connection)
            return
        if not data:
            self._end(connection)
        elif state is IDLE:
            self._begin(connection, data)
        elif state is RECEIVING:
            self._proceed(connection)
        elif state is WAITING:
            connection.inbox.take(data)
            if len(connection.inbox.buffer) >= _RECEIVE_BYTES:
                self._sender.watch(connection, 0)
        if len(self._ready) >= _TOGETHER:
            self.answer_ready()

    def _begin(self, connection: Connection, data: bytes) -> None:
        """Take the first bytes of a request, which mostly are all of it."""
        request = connection.inbox.whole(data)
        if request is None:
            connection.inbox.take(data)
            self._proceed(connection)
        elif not self._is_submitted(connection, request):
            self._ready.append((connection, request))

    def answer_ready(self) -> None:
        """Answer the light requests of this turn: each step for all of them, then the next.

        Code and data of a step are in the processor's cache when the second request comes to it: a fifth of the time
        of 64 connections.
        """
        while self._ready:
            ready, self._ready = self._ready, []
            if self._shares == "loop" and len(ready) > 1:
                self._answer_together(ready)
            else:
                self._sender.send_all([(connection, self._answered(request)) for connection, request in ready])
            if self._behind:
                behind, self._behind = self._behind, []
                for connection in behind:
                    self._alone(connection, self._proceed)

    def _answer_together(self, ready: list[tuple[Connection, Request]]) -> None:
        """Answer light requests, those that may by shared runs of the model."""
        batcher = self._batcher = self._batcher or self._application.batcher
        done: list[tuple[Connection, Answer]] = []
        begun: list[tuple[Connection, Begun]] = []
        weight = 0
        for connection, request in ready:
            one = batcher.begin(request) if batcher.takes(request) else self._answered(request)
            if isinstance(one, Answer):
                done.append((connection, one))
                continue
            begun.append((connection, one))
            weight += one.weight
            if weight >= batcher.limit:
                self._complete(batcher, begun)
                begun, weight = [], 0
        self._complete(batcher, begun)
        self._sender.send_all(done)
        if not batcher.is_of_use:
            self._shares = ""

    def _complete(self, batcher: Batching, begun: list[tuple[Connection, Begun]]) -> None:
        """Send the answers to requests that were begun, those of each run as soon as it has ended."""
        left = dict(enumerate(begun))
        bug: Exception | None = None
        try:
            for answers in batcher.complete([one for _, one in begun]) if begun else ():
                self._sender.send_all([(left.pop(place)[0], answer) for place, answer in answers])
        except Exception as error:  # noqa: BLE001 - likewise
            bug = error
        if left:
            self._sender.send_all([(connection, self._sender.failure(bug)) for connection, _ in left.values()])

    def writable(self, connection: Connection) -> None:
        """Send more of an answer, then go on with what came behind its request."""
        self._sender.send_more(connection)
        self._proceed(connection)

    def finish(self) -> None:
        """Send what threads have answered."""
        done = self._pool.done if self._pool is not None else None
        while done:
            connection, outcome = done.popleft()
            if not connection.for_metrics:
                self._accepted -= 1
            if connection.state is WAITING:
                answer = outcome if isinstance(outcome, Answer) else self._sender.failure(outcome)
                self._alone(connection, self._resume, answer)
        if self._batcher is None and self._shares == "threads":
            self._batcher = self._application.batcher
        self.answer_ready()

    def expire(self) -> None:
        """End what is past its deadline."""
        now = self._sender.now
        late = [connection for connection in self._sender.connections.values() if connection.deadline <= now]
        for connection in late:
            if connection.state is RECEIVING:
                slow = too_slow(self._settings.receive_timeout_seconds)
                self._alone(connection, self._sender.refuse, slow)
            else:
                self._sender.close(connection, abort=connection.state is SENDING)

    def leave(self, idle_seconds: float) -> None:
        """Close each connection after its present request; an idle one may have its next already on the way."""
        self._sender.leaving = True
        for connection in self._sender.connections.values():
            if connection.state is IDLE:
                connection.deadline = min(connection.deadline, self._sender.now + idle_seconds)

    def _resume(self, connection: Connection, answer: Answer) -> None:
        self._sender.watch(connection, READ)
        self._send(connection, answer)
        self._proceed(connection)

    def _alone(self, connection: Connection, step: Callable[..., None], *what: Answer | PoorwillError) -> None:
        """Take a step whose failure is the end of this connection and of no other."""
        try:
            step(connection, *what)
        except Exception:  # noqa: BLE001 - whatever it was
            self._sender.close(connection, abort=True)

    def _proceed(self, connection: Connection) -> None:
        """Have answered what is whole of what came, one request after the other."""
        inbox = connection.inbox
        while connection.state is IDLE or connection.state is RECEIVING:
            try:
                request = inbox.next()
            except PoorwillError as error:
                self._sender.refuse(connection, error)
                return
            if request is None:
                if inbox.begun:
                    self._await_rest(connection)
                return
            if not self._is_submitted(connection, request):
                connection.state = WAITING
                self._ready.append((connection, request))
                if inbox.buffer:
                    self._behind.append(connection)

    def _await_rest(self, connection: Connection) -> None:
        if connection.state is IDLE:
            connection.state = RECEIVING
            connection.deadline = self._sender.now + self._settings.receive_timeout_seconds
        if connection.inbox.expects():
            try:
                connection.send(_CONTINUE)
            except OSError:
                self._sender.close(connection)

    def _is_submitted(self, connection: Connection, request: Request) -> bool:
        """Tell whether the request is a heavy one, which a thread or a refusal answers now."""
        try:
            if not connection.for_metrics and not self._is_heavy(request):
                return False
            self._submit(connection, request)
        except Exception as bug:  # noqa: BLE001 - one request's bug is not the others' end
            self._send(connection, self._sender.failure(bug))
        return True

    def _answered(self, request: Request) -> Answer:
        try:
            return self._answer(request)
        except (Exception, SystemExit) as bug:  # noqa: BLE001 - one request's bug is not the others' end
            return self._sender.failure(bug)

    def _submit(self, connection: Connection, request: Request) -> None:
        """Have the request run on a thread, unless too many are."""
        batcher = None
        if connection.for_metrics:
            call = self._metrics
        elif self._accepted < self._settings.concurrency_limit:
            call = self._answer
            self._accepted += 1
            if self._shares == "threads" and self._batcher is not None and self._batcher.takes(request):
                batcher = self._batcher
        else:
            refusal = too_many("requests at once", self._settings.concurrency_limit)
            self._send(connection, self._sender.refusal(refusal))
            return
        if self._pool is None:
            from poorwill.serving.http.pool import Pool

            self._pool = Pool(self._settings.threads, self._wake)
        connection.state = WAITING
        connection.deadline = inf
        connection.running = False
        self._pool.submit(connection, call, request, batcher)

    def _end(self, connection: Connection) -> None:
        """Skip work that waits, answer work that runs, drop half a request: the client sends no more."""
        if connection.state is WAITING and connection.running:
            connection.leaving = connection.ended = True
            self._sender.watch(connection, 0)
        else:
            self._sender.close(connection)
