"""HTTP to one server: a pool of connections kept alive, and asking again where that can't do harm."""

import random
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)
from urllib3.util import Timeout, Url, parse_url

from poorwill.errors import Fault, UnavailableError, UsageError

ASK_AGAIN = frozenset({429, 503})

_LONGEST_PAUSE_SECONDS = 2.0


class Reply(NamedTuple):
    """An HTTP answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class _NoReplyError(Exception):
    """No answer came; `again` says how often the request may be sent anew."""

    def __init__(self, fault: Fault, *, again: int) -> None:
        super().__init__(fault)
        self.fault = fault
        self.again = again


class Transport:
    """Sends requests to one server; may be used by several threads.

    Args:
        url: http or https, with a path if the server has one; *.localhost is reached at 127.0.0.1 on every system.
        timeout_seconds: time to connect, and time between two parts of an answer.
        wait_seconds: the most time that is spent waiting before requests are sent anew, all waits of one together.
        connections: kept alive at once; more are opened for a moment when more threads ask.
        host: Host header, where the URL has an ingress's address.
        token: shown as Authorization: Bearer, if there is one.
        sleep: waits for so many seconds.

    Raises:
        UsageError: the URL or the token can't be used.
    """

    def __init__(  # noqa: PLR0913 - all but one by keyword
        self,
        url: str,
        *,
        timeout_seconds: float,
        wait_seconds: float,
        connections: int = 16,
        host: str = "",
        token: str = "",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = _parsed(url)
        local = (parts.hostname or "").endswith(".localhost")
        self._base = (parts.path or "").rstrip("/")
        self._address = parts.netloc or ""
        self._timeout_seconds = timeout_seconds
        self._wait_seconds = wait_seconds
        self._sleep = sleep
        self._headers = {"user-agent": "poorwill"}
        if host or local:
            self._headers["host"] = host or self._address
        if token:
            self._headers["authorization"] = f"Bearer {_shown(token)}"
        self._pool = urllib3.connection_from_url(
            str(Url(parts.scheme, None, "127.0.0.1" if local else parts.host, parts.port)),
            maxsize=connections,
            timeout=Timeout(connect=timeout_seconds, read=timeout_seconds),
        )

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        again: bool = True,
    ) -> Reply:
        """Return the answer; sent anew (unless `again` is False) after 429, 503 and where no connection was had.

        Not after a silence: the server may be at work on it.

        Raises:
            UnavailableError: no answer.
        """
        waited_seconds, attempt = 0.0, 0
        while True:
            after_seconds = 0.0
            try:
                reply = self._once(method, path, headers or {}, body)
                if reply.status not in ASK_AGAIN:
                    return reply
                after_seconds = retry_after_seconds(reply.headers.get("retry-after", ""))
                error = None
            except _NoReplyError as no_reply:
                error = no_reply
            pause_seconds = max(after_seconds, backoff_seconds(attempt))
            late = not again or waited_seconds + pause_seconds > self._wait_seconds
            if error is not None and (late or attempt >= error.again):
                raise UnavailableError(error.fault) from None
            if error is None and late:
                return reply
            self._sleep(pause_seconds)
            waited_seconds += pause_seconds
            attempt += 1

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def _once(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        try:
            answer = self._pool.urlopen(
                method,
                self._base + path or "/",
                body=body or None,
                headers={**self._headers, **headers},
                retries=False,
                redirect=False,
            )
        except HTTPError as error:
            raise self._no_reply(error) from None
        return Reply(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.data)

    def _no_reply(self, error: HTTPError) -> _NoReplyError:
        if isinstance(error, NewConnectionError | ConnectTimeoutError):
            fault = Fault(self._address, "a server", "no connection", "start it, or check the address")
            return _NoReplyError(fault, again=1_000_000)
        if isinstance(error, ReadTimeoutError):
            wanted = f"an answer within {self._timeout_seconds:g} s"
            return _NoReplyError(Fault(self._address, wanted, "none", "give it more time"), again=0)
        fault = Fault(self._address, "an answer", f"none ({_cause(error)})", "see the server's log")
        closed = isinstance(error, ProtocolError) and isinstance(error.args[-1], ConnectionError)
        # a server may close an idle connection at the moment when it is used again
        return _NoReplyError(fault, again=1 if closed else 0)


def retry_after_seconds(value: str) -> float:
    """Return the seconds of a Retry-After header, in seconds or as a date (RFC 9110, 10.2.3); 0 for none."""
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        seconds: float = parsedate_to_datetime(value).timestamp() - time.time()
    except ValueError:
        return 0.0
    return max(0.0, seconds)


def backoff_seconds(attempt: int) -> float:
    """Return the shortest pause before sending anew: 50 ms and more, doubled each time, to half of it by chance."""
    longest = min(_LONGEST_PAUSE_SECONDS, 0.1 * 2.0 ** min(attempt, 10))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - chance keeps clients apart, it guards nothing


def _parsed(url: str) -> Url:
    fault = Fault("url", "http:// or https://, a host, and a path if need be", "another text", "write the server's URL")
    try:
        parts = parse_url(url)
    except LocationParseError:
        raise UsageError(fault) from None
    if parts.scheme not in {"http", "https"} or not parts.host or parts.auth or parts.query or parts.fragment:
        raise UsageError(fault)
    return parts


def _shown(token: str) -> str:
    """Return a token that fits a header (RFC 6750, 2.1)."""
    if not token.isascii() or not token.isprintable() or " " in token:
        found = "blanks, line breaks or other characters in it"
        raise UsageError(Fault("token", "an API key or a JWT", found, "give that alone, without name or quotes"))
    return token


def _cause(error: HTTPError) -> str:
    cause = error.args[-1] if error.args else error
    return type(cause).__name__
