"""Where a subscriber's answer begins and ends."""

from functools import lru_cache

from poorwill.errors import PoorwillError
from poorwill.serving.http.head import END, Chunks

HEAD_LIMIT_BYTES = 65_536
ERROR_LIMIT_BYTES = 65_536
"""What is read of an answer that tells of a failure; a dead letter quotes less."""

_BODILESS = frozenset({204, 304})
_OK, _REDIRECTS = 200, 300


class UnreadableError(Exception):
    """What came is no answer in HTTP/1.1, or too long a one."""


class AnswerReader:
    """Takes the bytes of one answer as they come."""

    __slots__ = ("_body", "_buffer", "_chunks", "_left_bytes", "_limit_bytes", "ends", "headers", "status")

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._buffer = b""
        self._body = bytearray()
        self._chunks: Chunks | None = None
        self._left_bytes = 0  # of the body; -1 while only the connection's end tells
        self.status = 0
        self.headers: dict[str, str] = {}
        self.ends = False  # the connection ends with the answer

    @property
    def begun(self) -> bool:
        """Tell whether anything has come."""
        return bool(self.status or self._buffer)

    @property
    def body(self) -> bytes:
        """Return what came of the body."""
        return bytes(self._chunks.body if self._chunks is not None else self._body)

    def take(self, data: bytes) -> bool:
        """Return whether the answer is complete with these bytes.

        Raises:
            UnreadableError: these can't be an answer's.
        """
        if not self.status:
            data = self._buffer + data
            end = data.find(END)
            if end < 0:
                self._keep(data)
                return False
            self._head(data[:end])
            data = data[end + len(END) :]
            if self.status < _OK:  # 100 Continue and the like: the answer follows
                self.status, self._buffer = 0, b""
                return bool(data) and self.take(data)
            self._buffer = b""
        return self._take_body(data)

    def end(self) -> bool:
        """Return whether the answer is complete now that the connection has ended."""
        return self.status > 0 and self._chunks is None and self._left_bytes < 0

    def _keep(self, data: bytes) -> None:
        if len(data) > HEAD_LIMIT_BYTES or not (data[:5] == b"HTTP/" or b"HTTP/".startswith(data)):
            raise UnreadableError
        self._buffer = data

    def _head(self, head: bytes) -> None:
        line, *fields = head.decode("latin-1").split("\r\n")
        version, _, rest = line.partition(" ")
        code = rest[:3]
        if version not in {"HTTP/1.1", "HTTP/1.0"} or not (code.isascii() and code.isdigit() and len(code) == 3):
            raise UnreadableError
        self.status = int(code)
        self.headers = {}
        for field in fields:
            name, value = _read_field(field)
            self.headers[name] = value
        options = self.headers.get("connection", "").lower()
        self.ends = "close" in options or (version == "HTTP/1.0" and "keep-alive" not in options)
        self._expect_body()

    def _expect_body(self) -> None:
        length = self.headers.get("content-length", "")
        if self.status < _OK or self.status in _BODILESS:
            self._left_bytes = 0
        elif self.headers.get("transfer-encoding", "").lower() == "chunked":
            self._chunks = Chunks(self._limit_bytes)
        elif length.isascii() and length.isdigit():
            self._left_bytes = int(length[:19])
            if self._is_good and self._left_bytes > self._limit_bytes:
                raise UnreadableError
        elif length:
            raise UnreadableError
        else:
            self._left_bytes, self.ends = -1, True

    @property
    def _is_good(self) -> bool:
        return _OK <= self.status < _REDIRECTS

    def _take_body(self, data: bytes) -> bool:
        if self._chunks is not None:
            return self._take_chunks(data)
        self._body += data
        if self._is_cut(len(self._body)):
            return True
        if self._left_bytes < 0:
            if len(self._body) > self._limit_bytes:
                raise UnreadableError
            return False
        if len(self._body) > self._left_bytes:  # nobody asked for more than one answer
            del self._body[self._left_bytes :]
            self.ends = True
        return len(self._body) == self._left_bytes

    def _take_chunks(self, data: bytes) -> bool:
        chunks = self._chunks
        assert chunks is not None  # noqa: S101 - `_take_body` saw to it
        try:
            rest = chunks.take(data) if data else None
        except PoorwillError:
            raise UnreadableError from None
        self.ends = self.ends or bool(rest)
        return rest is not None or self._is_cut(len(chunks.body))

    def _is_cut(self, size_bytes: int) -> bool:
        """Return whether enough came of what only tells of a failure."""
        if self._is_good or size_bytes <= ERROR_LIMIT_BYTES:
            return False
        self.ends = True
        return True


@lru_cache(maxsize=512)
def _read_field(field: str) -> tuple[str, str]:
    """Return a header line's name and value; one subscriber's answers have most lines in common."""
    name, separator, value = field.partition(":")
    if not separator:
        raise UnreadableError
    return name.lower(), value.strip(" \t")
