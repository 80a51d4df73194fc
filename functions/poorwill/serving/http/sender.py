"""From answer to the client's hands, and to the end of a connection; all of it on the loop's thread."""

import socket
import struct
from math import inf
from time import monotonic

from poorwill.errors import PoorwillError
from poorwill.serving.http.answer import BODILESS, AnswerEncoder
from poorwill.serving.http.application import Application
from poorwill.serving.http.connection import GONE, IDLE, LINGERING, SENDING, Connection
from poorwill.serving.http.poll import READ, WRITE, Poller
from poorwill.serving.message import Answer
from poorwill.settings import Settings

LINGER_SECONDS = 1.0  # for a client to read its last answer, and to close first
_COPIED_BYTES = 65_536  # up to here, copying a body behind its head costs less than to send the two as a vector
_ABORT = struct.pack("ii", 1, 0)  # SO_LINGER: forget what was not sent


class Sender:
    """The open connections, seen from the server's side: what is watched, said and closed."""

    def __init__(self, application: Application, settings: Settings, poller: Poller) -> None:
        self.connections: dict[int, Connection] = {}
        self.encoder = AnswerEncoder(application.common_headers)
        self.leaving = False  # each connection closes after its present request
        self.now = 0.0  # on the monotonic clock, as of the last look
        self.idle_deadline = inf
        self._application = application
        self._idle_seconds = settings.idle_timeout_seconds
        self._stall_seconds = settings.receive_timeout_seconds
        self._poller = poller

    def tick(self) -> float:
        """Look at the clock; return it."""
        self.now = now = monotonic()
        self.idle_deadline = now + self._idle_seconds
        return now

    def send(self, connection: Connection, answer: Answer) -> None:
        """Send the answer to the connection's last request, or as much of it as the client takes now."""
        data = self._plain(connection, answer)
        if data is None:
            self._send_with_care(connection, answer)
        else:
            self._send_plain(connection, data)

    def send_all(self, answers: list[tuple[Connection, Answer]]) -> None:
        """Send the answers to several connections' last requests; one that can't be sent ends its connection alone."""
        encoded = [(connection, answer, self._plain(connection, answer)) for connection, answer in answers]
        for connection, answer, data in encoded:
            try:
                if data is None:
                    self._send_with_care(connection, answer)
                else:
                    self._send_plain(connection, data)
            except Exception:  # noqa: BLE001 - whatever it was
                self.close(connection, abort=True)

    def _plain(self, connection: Connection, answer: Answer) -> bytes | None:
        """Return the bytes of an answer that is neither large nor special; None for one that is sent with care."""
        asked = connection.inbox.head
        if asked is None or not asked.plain or connection.leaving or self.leaving:
            return None
        try:
            return self.encoder.encode(answer, "", answer.body) if len(answer.body) <= _COPIED_BYTES else None
        except Exception:  # noqa: BLE001 - an answer that can't be encoded is the application's bug
            return None  # and is met there

    def _send_plain(self, connection: Connection, data: bytes) -> None:
        try:
            sent = connection.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:  # a reset: nobody is there to be answered
            self.close(connection)
            return
        if sent == len(data):
            connection.state = IDLE
            connection.deadline = self.idle_deadline
        else:
            self._keep(connection, memoryview(data)[sent:])

    def send_more(self, connection: Connection) -> None:
        """Send more of an answer that the client did not take at once."""
        try:
            sent = connection.send(connection.rest)
        except BlockingIOError:
            return
        except OSError:
            self.close(connection)
            return
        connection.rest = connection.rest[sent:]
        if connection.rest:
            connection.deadline = self.now + self._stall_seconds
        elif connection.leaving:
            self._part(connection)
        else:
            connection.state = IDLE
            connection.deadline = self.idle_deadline
            self.watch(connection, READ)

    def refuse(self, connection: Connection, error: PoorwillError) -> None:
        """Answer what is no request, and take nothing more: where the next one would begin is not known."""
        connection.leaving = True
        self.send(connection, self.refusal(error))

    def refusal(self, error: PoorwillError) -> Answer:
        """Return the application's answer to an error; nothing but the status where it fails at that, too."""
        try:
            return self._application.refuse(error)
        except Exception:  # noqa: BLE001 - the last resort
            return Answer(error.status, content_type="")

    def failure(self, bug: BaseException | None) -> Answer:
        """Return the answer to a request on which the application failed."""
        error = PoorwillError()
        error.__cause__ = bug
        return self.refusal(error)

    def watch(self, connection: Connection, interest: int) -> None:
        """Have the loop told of this and nothing else."""
        if connection.interest != interest:
            connection.interest = interest
            self._poller.modify(connection.socket.fileno(), interest)

    def open(self, connection: Connection) -> None:
        """Begin to watch a connection."""
        self.connections[connection.socket.fileno()] = connection
        self._poller.register(connection.socket.fileno(), connection.interest)

    def close(self, connection: Connection, *, abort: bool = False) -> None:
        """Close at once; with abort, what the system has not sent yet never will be."""
        if connection.state is GONE:
            return
        connection.state = GONE
        connection.rest = memoryview(b"")
        fd = connection.socket.fileno()
        del self.connections[fd]
        self._poller.unregister(fd)
        if abort:
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        connection.socket.close()

    def _send_with_care(self, connection: Connection, answer: Answer) -> None:
        """Send an answer that is large, or has no body, or is the connection's last."""
        asked = connection.inbox.head
        if asked is None or connection.leaving or (self.leaving and not connection.inbox.buffer):
            said = "close"  # but what has come behind a request is answered before
        else:
            said = asked.connection
        body = b"" if asked is not None and asked.method == "HEAD" else answer.body
        copied = body if len(body) <= _COPIED_BYTES or answer.status in BODILESS else b""
        try:
            data = self.encoder.encode(answer, said, copied)
        except Exception as bug:  # noqa: BLE001 - an answer that can't be encoded is the application's bug
            answer = self.failure(bug)
            body = copied = answer.body
            data = self.encoder.encode(answer, said, copied)
        try:
            sent = connection.send(data) if copied is body else connection.socket.sendmsg([data, body])
        except BlockingIOError:
            sent = 0
        except OSError:  # a reset: nobody is there to be answered
            self.close(connection)
            return
        if said == "close":
            connection.leaving = True
        if sent < len(data) + (0 if copied is body else len(body)):
            self._keep(connection, memoryview(data)[sent:] if copied is body else _unsent(data, body, sent))
        elif said == "close":
            self._part(connection)
        else:
            connection.state = IDLE
            connection.deadline = self.idle_deadline

    def _keep(self, connection: Connection, rest: memoryview) -> None:
        connection.rest = rest
        connection.state = SENDING
        connection.deadline = self.now + self._stall_seconds
        self.watch(connection, WRITE)

    def _part(self, connection: Connection) -> None:
        """Say that nothing more comes, and let the client close: closing over unread bytes would reset its answer."""
        try:
            connection.socket.shutdown(socket.SHUT_WR)
        except OSError:
            connection.ended = True
        if connection.ended:
            self.close(connection)
            return
        connection.state = LINGERING
        connection.deadline = self.now + LINGER_SECONDS
        self.watch(connection, READ)


def _unsent(head: bytes, body: bytes, sent: int) -> memoryview:
    """Return what of head and body was not sent; the body is only copied if the head is among it."""
    return memoryview(body)[sent - len(head) :] if sent >= len(head) else memoryview(head + body)[sent:]
