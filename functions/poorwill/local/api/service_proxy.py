"""Requests to a Service through the API: those of eventing, so that a kubeconfig is all that a sender needs."""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, web
from yarl import URL

from poorwill.kinds.kind import PLACEHOLDER
from poorwill.local.api.status import StatusError, not_found
from poorwill.local.path import headers

_PATH = re.compile(r"/api/v1/namespaces/(?P<namespace>[^/]+)/services/(?P<name>[^/]+)/proxy(?P<rest>[/?].*)?")
_NAME = re.compile(r"(?:(?:http)?:)?(?P<service>[a-z0-9-]+)(?::(?:80|http)?)?")
# what authorizes a caller at the API is none of the Service's business
_DROPPED = frozenset(("authorization", "host"))
_TIMEOUT = ClientTimeout(total=60.0)

Hosts = Mapping[tuple[str, str], str]
"""The Services that can be reached: of a namespace and a name, the host that stands for it at the gateway."""


class Called(NamedTuple):
    """Which Service is called, and with what."""

    namespace: str
    service: str  # as the path has it: [http:]name[:port]
    rest: str  # path and query


def called(raw_path: str) -> Called | None:
    """Return what a path calls, None where it is none of a Service's proxy."""
    found = _PATH.fullmatch(raw_path)
    if found is None:
        return None
    rest = found["rest"] or "/"
    return Called(unquote(found["namespace"]), unquote(found["name"]), rest if rest.startswith("/") else f"/{rest}")


class ServiceProxy:
    """Carries such requests to the gateway.

    Args:
        port: of the gateway, on loopback.
        hosts: the Services that there are.
    """

    def __init__(self, port: int, hosts: Hosts) -> None:
        self._port = port
        self._hosts = hosts

    async def carry(self, request: web.Request, to: Called) -> web.Response:
        """Return the Service's answer, whatever it is."""
        named = _NAME.fullmatch(to.service)
        host = self._hosts.get((to.namespace, named["service"] if named else ""))
        if host is None:
            raise not_found(PLACEHOLDER, to.service)
        passed = headers.onward(request.headers, _DROPPED)
        passed["Host"] = host
        url = URL(f"http://127.0.0.1:{self._port}{to.rest}", encoded=True)
        body = await request.read()
        try:
            async with (
                ClientSession(cookie_jar=DummyCookieJar(), auto_decompress=False, timeout=_TIMEOUT) as session,
                session.request(request.method, url, headers=passed, data=body, allow_redirects=False) as answer,
            ):
                said = await answer.read()
                back = headers.to_caller(answer.headers)
                return web.Response(status=answer.status, body=said, headers=back)
        except (ClientError, TimeoutError):
            message = "error trying to reach service: it did not answer"
            raise StatusError(503, "ServiceUnavailable", message, {}) from None
