"""Who gets in: programs of this machine that have the token. A web page has neither it nor a way past this."""

import hmac
import re

from poorwill.local.api.status import StatusError

OPEN_PATHS = frozenset(("/livez",))
"""What anybody on this machine may ask: whether it runs."""

_HOSTS = ("127.0.0.1", "localhost", "[::1]")
_BEARER = re.compile(r"Bearer +(\S+)", re.IGNORECASE)


class Guard:
    """Refuses requests by their headers alone, before anything is read.

    A foreign Host is how a page of another site reaches loopback by a name that it controls (DNS rebinding); an Origin
    is what only browsers send. Both are refused with the token, too.
    """

    def __init__(self, token: str, port: int) -> None:
        self._token = token.encode()
        self._hosts = frozenset(f"{host}:{port}" for host in _HOSTS)

    def check(self, *, path: str, host: str, origin: str | None, authorization: str) -> None:
        """Raise Forbidden or Unauthorized for who doesn't get in."""
        if host.lower() not in self._hosts:
            raise StatusError(
                403, "Forbidden", "the Host header is not this API's own: 127.0.0.1 or localhost, with its port"
            )
        if origin is not None:
            raise StatusError(403, "Forbidden", "requests of web pages are not taken: the Origin header is set")
        if path not in OPEN_PATHS and not self._has_token(authorization):
            raise StatusError(401, "Unauthorized", "Unauthorized")

    def _has_token(self, authorization: str) -> bool:
        found = _BEARER.fullmatch(authorization)
        given = found[1].encode(errors="surrogateescape") if found else b""
        return hmac.compare_digest(given, self._token)
