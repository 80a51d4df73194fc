"""An issuer's keys by their ids: kept, read again when they are old or one is unknown, and kept on while it is away."""

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock, Thread
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from poorwill.errors import Fault, PoorwillError, UnavailableError, UsageError

FRESH_SECONDS = 300.0
"""Older keys are read again, beside the requests."""
PAUSE_SECONDS = 10.0
"""Least time between two reads, whatever callers send."""
_FETCH_SECONDS = 5.0
_LIMIT_BYTES = 1_048_576
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}

Parse = Callable[[bytes], Mapping[str, Any]]
"""Turns a JWKS into keys by id; raises UsageError."""


def reader_of(source: str, timeout_seconds: float = _FETCH_SECONDS) -> Callable[[], bytes]:
    """Return how to read a JWKS: the JSON itself, a URL, or a file.

    Raises:
        UsageError: a URL that is not https.
    """
    if source.startswith("{"):
        return source.encode
    scheme, separator, _ = source.partition("://")
    if not separator:
        return lambda: _file(source)
    if scheme != "https" and not (scheme == "http" and urlsplit(source).hostname in _LOOPBACK):
        raise UsageError(Fault("--jwks", "https://, a file, or JSON", "another URL", "keys are believed over TLS only"))
    return lambda: _fetched(source, timeout_seconds)


class KeySet:
    """Keys by id, for one thread that asks.

    Args:
        read: returns the JWKS; raises UnavailableError.
        parse: turns it into keys.
        clock: in seconds.
        told: gets the error when they could not be read again; the former ones stay in force.
        spawn: runs a read beside the requests.

    Raises:
        UnavailableError, UsageError: no keys to begin with.
    """

    def __init__(
        self,
        read: Callable[[], bytes],
        parse: Parse,
        *,
        clock: Callable[[], float] = monotonic,
        told: Callable[[PoorwillError], None] = lambda _: None,
        spawn: Callable[[Callable[[], None]], None] | None = None,
    ) -> None:
        self._read, self._parse, self._clock, self._told = read, parse, clock, told
        self._spawn = spawn or _on_a_thread
        self._reading = Lock()
        self.generation = 0  # goes up with each read: what was believed by former keys is judged anew
        self._keys = parse(read())
        self._tried = self._read_at = clock()

    def get(self, key_id: str) -> Any | None:
        """Return a key, None where the issuer has none of this id.

        Raises:
            UnavailableError: it is being looked for; ask again in a second.
        """
        found = self._keys.get(key_id)
        if found is not None:
            if self._clock() - self._read_at >= FRESH_SECONDS:
                self._refresh()
            return found
        self._refresh()
        found = self._keys.get(key_id)
        if found is None and self._reading.locked():
            fault = Fault("JWT", "one signed by a key that is known", "a new key", "send it again in a second")
            raise UnavailableError(fault)
        return found

    def _refresh(self) -> None:
        if self._clock() - self._tried < PAUSE_SECONDS or not self._reading.acquire(blocking=False):
            return
        self._tried = self._clock()
        self._spawn(self._read_again)

    def _read_again(self) -> None:
        try:
            self._keys = self._parse(self._read())
            self._read_at = self._clock()
            self.generation += 1
        except PoorwillError as error:
            self._told(error)
        finally:
            self._reading.release()


def _on_a_thread(read: Callable[[], None]) -> None:
    Thread(target=read, daemon=True, name="jwks").start()


def _file(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        fault = Fault("--jwks", "a file with a JWKS", "none to read", "check the path")
        raise UnavailableError(fault) from None


def _fetched(url: str, timeout_seconds: float) -> bytes:
    from http.client import HTTPException
    from urllib.request import HTTPRedirectHandler, build_opener

    class NoRedirect(HTTPRedirectHandler):
        """Keys are taken from where they were said to be, and from nowhere else."""

        def redirect_request(self, *_: Any) -> None:
            return None

    try:
        with build_opener(NoRedirect).open(url, timeout=timeout_seconds) as answer:
            content: bytes = answer.read(_LIMIT_BYTES + 1)
    except (OSError, HTTPException, ValueError) as error:
        found = f"none ({type(error).__name__})"
        fault = Fault("--jwks", "an answer with the issuer's keys", found, "check the URL, and the way there")
        raise UnavailableError(fault) from None
    if len(content) > _LIMIT_BYTES:
        raise UnavailableError(Fault("--jwks", f"at most {_LIMIT_BYTES} bytes", "more", "check the URL"))
    return content
