"""Where a request begins and ends: llhttp judges every byte of framing, strictly, and is asked nowhere else."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from poorwill.errors import Fault, InvalidRequestError
from poorwill.serving.http.refusal import head_too_large, malformed, too_large, too_thin

HEAD_LIMIT_BYTES = 32_768
END = b"\r\n\r\n"
CHUNKED = -1
KNOWN_HEADS = 512
KNOWN_HEAD_BYTES = 2048

# two of these would let two readers disagree on where a request ends, where it goes or what it is
_ONCE = ("content-length", "content-type", "host", "transfer-encoding")
_CHUNKED_HEAD = b"POST / HTTP/1.1\r\nhost: -\r\ntransfer-encoding: chunked\r\n\r\n"
# a chunk of one byte takes six on the wire; nobody has reason to send more framing than this for a byte of body
_FRAMING_RATIO = 8


class Head(NamedTuple):
    """A request line with its headers; nothing in it can be changed, so equal heads may share one."""

    method: str
    path: str
    headers: Mapping[str, str]
    length_bytes: int  # of the body; CHUNKED where only the chunks tell
    connection: str  # what the answer's Connection header has to say: nothing, close or keep-alive
    expects: bool  # the client waits for 100 Continue before it sends the body
    plain: bool  # the answer has a body and says nothing of the connection


class _HeadSink:
    """What llhttp reports of a head; apart from its parser, for a cycle of the two would be left to the collector."""

    __slots__ = ("begun", "complete", "fields", "target")

    def __init__(self) -> None:
        self.begun = False
        self.complete = False
        self.target = b""
        self.fields: list[tuple[bytes, bytes]] = []

    def on_message_begin(self) -> None:
        self.begun = True

    def on_url(self, piece: bytes) -> None:
        self.target += piece

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name, value))

    def on_headers_complete(self) -> None:
        self.complete = True


class _BodySink:
    """What llhttp reports of a chunked body; trailers are read past, for nobody here wants any."""

    __slots__ = ("body", "complete", "limit_bytes", "over")

    def __init__(self, limit_bytes: int) -> None:
        self.complete = False
        self.body = bytearray()
        self.limit_bytes = limit_bytes
        self.over = False

    def on_body(self, piece: bytes) -> None:
        self.over = self.over or len(self.body) + len(piece) > self.limit_bytes
        if not self.over:
            self.body += piece

    def on_message_complete(self) -> None:
        self.complete = True


class _Feed:
    """Bytes on their way into llhttp, handed over so that what follows the message is known to the byte.

    httptools doesn't tell where a message ended. A head ends on an empty line and so does a chunked body: the bytes
    go in one empty line at a time, so a message ends where such a piece ends, or not yet.
    """

    __slots__ = ("_sink", "_tail", "parser")

    def __init__(self, sink: _HeadSink | _BodySink) -> None:
        self.parser: Any = HttpRequestParser(sink)
        self._sink = sink
        self._tail = b""

    def take(self, data: bytes) -> bytes | None:
        """Return what follows the message, or None while it is not complete.

        Raises:
            InvalidRequestError: it is not HTTP/1.1.
        """
        start = len(self._tail)
        window = self._tail + data
        view = memoryview(window)
        while start < len(window):
            found = window.find(END, max(0, start - len(END) + 1))
            end = found + len(END) if found >= 0 else len(window)
            self._execute(view[start:end])
            if self._sink.complete:
                return window[end:]
            start = end
        self._tail = window[1 - len(END) :]
        return None

    def _execute(self, piece: memoryview) -> None:
        try:
            self.parser.feed_data(piece)
        except HttpParserUpgrade:  # h2c and the like; a server is free to go on in HTTP/1.1
            pass
        except HttpParserError as error:
            raise InvalidRequestError(
                malformed(str(error))
            ) from None  # llhttp's own words; it never quotes what was sent


class HeadReader:
    """Reads one head, in as many pieces as it comes in."""

    __slots__ = ("_feed", "_room_bytes", "_sink")

    def __init__(self) -> None:
        self._sink = _HeadSink()
        self._feed = _Feed(self._sink)
        self._room_bytes = HEAD_LIMIT_BYTES

    @property
    def begun(self) -> bool:
        """Tell whether anything but empty lines has come."""
        return self._sink.begun

    def take(self, data: bytes) -> bytes | None:
        """Return what follows the head, or None while it is not complete.

        Raises:
            InvalidRequestError: it is not the head of an HTTP/1.1 request.
            HeadTooLargeError: it is longer than HEAD_LIMIT_BYTES.
        """
        rest = self._feed.take(data[: self._room_bytes])
        if rest is not None:
            return rest + data[self._room_bytes :]
        self._room_bytes -= len(data)
        if self._room_bytes < 0:
            raise head_too_large(HEAD_LIMIT_BYTES)
        return None

    def head(self) -> Head:
        """Return the head that was read.

        Raises:
            InvalidRequestError: with every fault of it.
        """
        parser, sink = self._feed.parser, self._sink
        target = sink.target.decode("ascii")
        return _head(parser.get_method().decode("ascii"), parser.get_http_version(), target, sink.fields)


def _head(method: str, version: str, target: str, fields: list[tuple[bytes, bytes]]) -> Head:
    headers, faults = _joined(fields)
    path = _path(target)
    chunked = "transfer-encoding" in headers
    if version not in {"1.0", "1.1"}:
        faults.append(malformed("another", "HTTP version", "1.0 or 1.1"))
    if not path:
        faults.append(malformed("something else", "request target", "a path, a URL or *"))
    if version == "1.1" and "host" not in headers:
        faults.append(malformed("none", "Host", "one"))
    if chunked and (version == "1.0" or headers["transfer-encoding"].lower() != "chunked"):
        faults.append(malformed("another coding or version", "Transfer-Encoding", "chunked, in HTTP/1.1"))
    if faults:
        raise InvalidRequestError(*faults)
    length_bytes = CHUNKED if chunked else int(headers.get("content-length", 0))
    expects = version == "1.1" and headers.get("expect", "").lower() == "100-continue"
    connection = _connection(version, headers)
    plain = method != "HEAD" and not connection
    return Head(method, path, MappingProxyType(headers), length_bytes, connection, expects, plain)


def _joined(fields: list[tuple[bytes, bytes]]) -> tuple[dict[str, str], list[Fault]]:
    headers: dict[str, str] = {}
    faults = []
    for raw_name, raw_value in fields:
        name = raw_name.decode("ascii").lower()
        value = raw_value.strip(b" \t").decode("latin-1")
        if name not in headers:
            headers[name] = value
        elif name in _ONCE:
            faults.append(malformed("more than one", name, "one"))
        else:
            headers[name] += ", " + value
    return headers, faults


def _path(target: str) -> str:
    target = target.partition("#")[0].partition("?")[0]
    if target.startswith("/") or target == "*":
        return target
    scheme, separator, rest = target.partition("://")
    if separator and scheme.lower() in {"http", "https"}:
        return "/" + rest.partition("/")[2]
    return ""


def _connection(version: str, headers: Mapping[str, str]) -> str:
    options = {option.strip().lower() for option in headers.get("connection", "").split(",")}
    if version == "1.1":
        return "close" if "close" in options else ""
    return "keep-alive" if "keep-alive" in options and "close" not in options else "close"


class KnownHeads:
    """Heads by the exact bytes they were read from: a client that sends the same one again is spared the parsing.

    Only what `HeadReader` read from those very bytes is kept, and nothing else goes into a head, so the answer is the
    one that reading them again would give. Bounded: when it is full it starts anew.
    """

    __slots__ = ("_by_bytes", "get")

    def __init__(self) -> None:
        self._by_bytes: dict[bytes, Head] = {}
        self.get = self._by_bytes.get

    def __len__(self) -> int:
        return len(self._by_bytes)

    def keep(self, raw: bytes, head: Head) -> None:
        """Remember a head, unless it is long."""
        if len(raw) > KNOWN_HEAD_BYTES:
            return
        if len(self._by_bytes) >= KNOWN_HEADS:
            self._by_bytes.clear()
        self._by_bytes[raw] = head


class Chunks:
    """Takes a chunked body out of its chunks, up to a limit that holds while it arrives."""

    __slots__ = ("_feed", "_sink", "_taken_bytes")

    def __init__(self, limit_bytes: int) -> None:
        self._sink = _BodySink(limit_bytes)
        self._feed = _Feed(self._sink)
        # a parser of its own, told what the head said: the head may have been known already and parsed by nobody
        self._feed.take(_CHUNKED_HEAD)
        self._taken_bytes = 0

    @property
    def body(self) -> bytearray:
        """Return what the chunks held so far."""
        return self._sink.body

    def take(self, data: bytes) -> bytes | None:
        """Return what follows the body, or None while it is not complete.

        Raises:
            InvalidRequestError: these are not chunks.
            TooLargeError: the body is over the limit, or far more was sent around it than it holds.
        """
        sink = self._sink
        try:
            rest = self._feed.take(data)
        except InvalidRequestError:
            if not sink.over:
                raise
        if sink.over:
            raise too_large(sink.limit_bytes)
        self._taken_bytes += len(data) - len(rest or b"")
        if self._taken_bytes > HEAD_LIMIT_BYTES + (1 + _FRAMING_RATIO) * len(sink.body):
            raise too_thin()
        return rest
