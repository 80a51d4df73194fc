"""One request to one process and its answer back: streamed both ways, sent at most once, never held whole."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Self

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientPayloadError,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    StreamReader,
    TCPConnector,
    web,
)
from yarl import URL

from poorwill.errors import Fault, UpstreamError
from poorwill.local.path import headers
from poorwill.local.revision import Endpoint

HEAD_BYTES = 65_536
"""Longest request line and longest header; Envoy takes 60 KiB in all."""
HEADER_COUNT = 256

_POOLED_SECONDS = 60.0  # below the 120 s after which a predictor closes a silent connection
_AUTOMATIC = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")


class _LostError(ClientError):
    """A connection that broke; the client library repeats what is idempotent for its own errors, and not for this."""


async def _once(request: ClientRequest, send: Callable[[ClientRequest], Awaitable[ClientResponse]]) -> ClientResponse:
    try:
        return await send(request)
    except ClientConnectorError:
        raise
    except (ClientError, OSError) as error:
        raise _LostError from error


class RefusedConnectionError(Exception):
    """A process that took no connection: nothing was sent, the request can still go to another."""


class Proxy:
    """The connections to all processes, kept open between requests."""

    _session: ClientSession

    async def __aenter__(self) -> Self:
        """Open the pool."""
        self._session = ClientSession(
            connector=TCPConnector(limit=0, keepalive_timeout=_POOLED_SECONDS, use_dns_cache=False),
            cookie_jar=DummyCookieJar(),
            timeout=ClientTimeout(total=None, sock_connect=None),
            auto_decompress=False,
            skip_auto_headers=_AUTOMATIC,
            middlewares=(_once,),
            max_line_size=HEAD_BYTES,
            max_field_size=HEAD_BYTES,
            max_headers=HEADER_COUNT,
        )
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self._session.close()

    async def ask(self, request: web.BaseRequest, endpoint: Endpoint, caller: headers.Caller) -> ClientResponse:
        """Send a request, and return its answer's head.

        Raises:
            RefusedConnectionError: nothing was sent.
            UpstreamError: the process broke off; what it did is not known.
        """
        try:
            return await self._session.request(
                request.method,
                URL(f"http://{endpoint.host}:{endpoint.port}{target(request)}", encoded=True),
                headers=headers.to_function(request.headers, caller),
                data=_body(request),
                allow_redirects=False,
            )
        except ClientConnectorError as error:
            raise RefusedConnectionError from error
        except ClientError as error:
            fault = Fault("function", "an answer", "a connection that broke", "look at the function's log")
            raise UpstreamError(fault) from error


async def answer(
    request: web.BaseRequest, upstream: ClientResponse, end: float, idle_seconds: float = 0.0
) -> web.StreamResponse:
    """Pass an answer on as it comes; where it breaks off, is silent or lasts too long, so does the caller's connection.

    Args:
        request: which is answered.
        upstream: the function's answer, whose head is there.
        end: when it must be over, by the loop's clock.
        idle_seconds: the longest that nothing of it may come; 0 for any.
    """
    response = web.StreamResponse(
        status=upstream.status, reason=upstream.reason, headers=headers.to_caller(upstream.headers)
    )
    await response.prepare(request)
    now = asyncio.get_running_loop().time
    try:
        async with asyncio.timeout_at(min(end, now() + idle_seconds) if idle_seconds else end) as limit:
            async for part in upstream.content.iter_any():
                await response.write(part)
                if idle_seconds:
                    limit.reschedule(min(end, now() + idle_seconds))
            await response.write_eof()
    except (ClientPayloadError, TimeoutError):
        _break_off(request)
    return response


def _break_off(request: web.BaseRequest) -> None:
    """Close the caller's connection before the answer's end, which is how HTTP says that it is not whole."""
    if request.transport:
        request.transport.close()


def target(request: web.BaseRequest) -> str:
    """Return a request's path and query exactly as they came."""
    path = request.raw_path
    return path if path.startswith("/") else URL(path, encoded=True).raw_path_qs


def _body(request: web.BaseRequest) -> StreamReader | AsyncIterator[bytes] | None:
    if not request.body_exists:
        return None
    return _invited(request) if request.headers.get("Expect", "").lower() == "100-continue" else request.content


async def _invited(request: web.BaseRequest) -> AsyncIterator[bytes]:
    """Ask for the body as soon as somebody takes it, and not before."""
    if request.transport:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    async for part in request.content.iter_any():
        yield part
