"""One connection: its bytes become whole requests, in order, and nothing here touches the network by itself."""

import socket
from enum import Enum, auto

from poorwill.serving.http.application import Refusal
from poorwill.serving.http.head import CHUNKED, END, Chunks, Head, HeadReader, KnownHeads
from poorwill.serving.http.large_body import LARGE_BYTES, LargeBody
from poorwill.serving.http.poll import READ
from poorwill.serving.http.refusal import too_large
from poorwill.serving.message import Request

_new = tuple.__new__  # a NamedTuple's own constructor takes twice as long


class State(Enum):
    """What a connection is doing."""

    IDLE = auto()  # nothing of a next request has come
    RECEIVING = auto()  # a request has begun to come
    WAITING = auto()  # its request waits for a thread or runs on one
    SENDING = auto()  # the client has not taken all of an answer
    LINGERING = auto()  # all is said; what the client still sends is thrown away until it closes
    GONE = auto()  # closed


IDLE, RECEIVING, WAITING, SENDING, LINGERING, GONE = State  # a name costs less to read than a member


class Inbox:
    """Takes bytes as they come and gives whole requests, one at a time.

    It holds at most one head, one body up to the limit, and what came after them in one read.
    """

    __slots__ = (
        "_body",
        "_chunks",
        "_known",
        "_large",
        "_limit_bytes",
        "_pending",
        "_reader",
        "_refusal",
        "buffer",
        "head",
    )

    def __init__(self, known: KnownHeads, limit_bytes: int, refusal: Refusal | None = None) -> None:
        self._known = known
        self._limit_bytes = limit_bytes
        self._refusal = refusal
        self._reader: HeadReader | None = None
        self._pending: Head | None = None  # whose body is on the way
        self._body = bytearray()
        self._large: LargeBody | None = None  # in the place of the body, from its first 128 kB on
        self._chunks: Chunks | None = None
        self.buffer = b""
        self.head: Head | None = None  # of the last request given, or of the one that is not let in

    @property
    def begun(self) -> bool:
        """Tell whether a part of a request has come."""
        return self._pending is not None or (self._reader is not None and self._reader.begun)

    def whole(self, data: bytes) -> Request | None:
        """Return the request that data is, if its head is known and it is exactly one; only a short cut past `next`.

        To be asked only while nothing of a request has come.
        """
        end = data.find(END) + len(END)
        head = self._known.get(data[:end])
        if head is None:
            return None
        method, path, headers, length_bytes, _connection, _expects, _plain = head
        if length_bytes != len(data) - end or length_bytes > self._limit_bytes:
            return None
        if self._refusal is not None and self._refusal(method, path, headers) is not None:
            return None
        self.head = head
        return _new(Request, (method, path, headers, data[end:]))

    def take(self, data: bytes) -> None:
        """Add bytes that came."""
        self.buffer = self.buffer + data if self.buffer else data

    def receive(self, client: socket.socket, most_bytes: int) -> int:
        """Take what came next of a request that has begun; return how many bytes, 0 for the end of the stream."""
        if self._pending is not None and len(self._body) >= LARGE_BYTES:
            self._large, self._body = LargeBody(self._pending, self._body), bytearray()
        if self._large is not None:
            return self._large.receive(client)
        data = client.recv(most_bytes)
        self.take(data)
        return len(data)

    def next(self) -> Request | None:
        """Return the next request if all of it has come.

        Raises:
            InvalidRequestError: what came is not HTTP/1.1; nothing after it can be trusted.
            HeadTooLargeError: likewise.
            TooLargeError: the body is or would be over the limit.
            PoorwillError: the caller is not let in; its body was not looked at.
        """
        if self._large is not None:
            return self._complete() if self._large.is_whole else None
        if not self.buffer or (self._pending is None and not self._begin()):
            return None
        return self._complete()

    def expects(self) -> bool:
        """Tell, once, that the client waits for 100 Continue before it sends a body."""
        pending = self._pending
        if pending is None or not pending.expects:
            return False
        self._pending = pending._replace(expects=False)
        return True

    def _begin(self) -> bool:
        """Take a head, and prepare for its body."""
        self.head = None
        data = self.buffer
        end = 0
        if self._reader is None:
            end = data.find(END) + len(END)
            known = self._known.get(data[:end])
            if known is not None:
                self._expect(known, data[end:])
                return True
            self._reader = HeadReader()
        self.buffer = b""
        rest = self._reader.take(data)
        if rest is None:
            return False
        head = self._reader.head()
        self._reader = None
        if end == len(data) - len(rest):  # these bytes, and no empty line before them, are the head
            self._known.keep(data[:end], head)
        self._expect(head, rest)
        return True

    def _expect(self, head: Head, rest: bytes) -> None:
        """Prepare for the body of a head that is let in."""
        refused = self._refusal(head.method, head.path, head.headers) if self._refusal is not None else None
        if refused is not None:
            self.head = head
            raise refused
        if head.length_bytes > self._limit_bytes:
            raise too_large(self._limit_bytes)
        self._pending = head
        self.buffer = rest
        if head.length_bytes == CHUNKED:
            self._chunks = Chunks(self._limit_bytes)

    def _complete(self) -> Request | None:
        head = self._pending
        assert head is not None  # noqa: S101 - `next` saw to it
        body: bytes | bytearray | memoryview | None
        if self._large is not None:
            body = self._large.body
        else:
            body = self._chunked() if self._chunks is not None else self._counted(head)
        if body is None:
            return None
        self._pending = self._chunks = self._large = None
        self._body = bytearray()
        self.head = head
        return Request(head.method, head.path, head.headers, body)

    def _chunked(self) -> bytearray | None:
        assert self._chunks is not None  # noqa: S101 - `_complete` saw to it
        rest = self._chunks.take(self.buffer)
        self.buffer = rest or b""
        return None if rest is None else self._chunks.body

    def _counted(self, head: Head) -> bytes | bytearray | None:
        data, body = self.buffer, self._body
        missing = head.length_bytes - len(body)
        if missing > len(data):
            body += data
            self.buffer = b""
            return None
        self.buffer = data[missing:]
        if not body:
            return data[:missing]
        body += data[:missing]
        return body


class Connection:
    """A client's connection, as the server's loop keeps it."""

    __slots__ = (
        "deadline",
        "ended",
        "for_metrics",
        "inbox",
        "interest",
        "leaving",
        "recv",
        "rest",
        "running",
        "send",
        "socket",
        "state",
    )

    def __init__(self, client: socket.socket, inbox: Inbox, *, deadline: float, for_metrics: bool) -> None:
        self.socket = client
        self.recv = client.recv
        self.send = client.send
        self.inbox = inbox
        self.state = IDLE
        self.deadline = deadline  # on the monotonic clock
        self.for_metrics = for_metrics
        self.interest = READ  # what the poller watches it for
        self.rest = memoryview(b"")  # of an answer, while SENDING
        self.leaving = False  # no request is taken after the present one
        self.ended = False  # the client sends no more
        self.running = False  # its request has a thread
