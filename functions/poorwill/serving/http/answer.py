"""An answer's bytes: what answers have in common is encoded once a second, the rest once."""

import time
from collections.abc import Callable

from poorwill.serving.message import Answer

_REASONS = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No Content",
    304: "Not Modified",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    408: "Request Timeout",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
}
BODILESS = frozenset({204, 304})
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Headers = tuple[tuple[str, str], ...]


class AnswerEncoder:
    """Turns answers into bytes, with the headers that all of them carry."""

    __slots__ = ("_clock", "_common", "_date", "_prefixes")

    def __init__(self, common_headers: Headers, clock: Callable[[], float] = time.time) -> None:
        self._common = encoded(common_headers)
        self._clock = clock
        self._prefixes: dict[tuple[int, str, str], bytes] = {}
        self._date = b""
        self.tick()

    def tick(self) -> None:
        """Bring the date up to now; to be called about once a second."""
        now = time.gmtime(self._clock())
        # not strftime: its names follow the locale
        day, month = _DAYS[now.tm_wday], _MONTHS[now.tm_mon - 1]
        clock = f"{now.tm_hour:02}:{now.tm_min:02}:{now.tm_sec:02}"
        self._date = encoded((("date", f"{day}, {now.tm_mday:02} {month} {now.tm_year} {clock} GMT"),))
        self._prefixes.clear()

    def encode(self, answer: Answer, connection: str, copied: bytes) -> bytes:
        """Return the status line, the headers and what is copied behind them.

        Args:
            answer: its body gives the length, and no more.
            connection: what the Connection header says; empty for none.
            copied: the answer's body, or nothing where that is not sent or is sent without copying it.

        Raises:
            ValueError: a header would break out of its line, or can't be sent in latin-1.
        """
        status, body, content_type, headers = answer
        prefix = self._prefixes.get((status, content_type, connection))
        if prefix is None:
            prefix = self._prefix(status, content_type, connection)
        if headers:
            prefix += encoded(headers)
        if status in BODILESS:
            return prefix + b"\r\n"
        return b"%bcontent-length: %d\r\n\r\n%b" % (prefix, len(body), copied)

    def _prefix(self, status: int, content_type: str, connection: str) -> bytes:
        typed = (("content-type", content_type),) if content_type and status not in BODILESS else ()
        closing = (("connection", connection),) if connection else ()
        line = b"HTTP/1.1 %d %b\r\n" % (status, _REASONS.get(status, "").encode())
        prefix = self._prefixes[status, content_type, connection] = (
            line + encoded(typed + closing) + self._common + self._date
        )
        return prefix


def encoded(headers: Headers) -> bytes:
    """Return header lines.

    Raises:
        ValueError: a name or value holds a line break, or a character that latin-1 lacks.
    """
    text = "".join([f"{name}: {value}\r\n" for name, value in headers])
    if text.count("\n") != len(headers) or text.count("\r") != len(headers):
        raise ValueError("a line break in a header")
    return text.encode("latin-1")
