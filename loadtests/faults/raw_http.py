"""HTTP as badly behaved clients speak it: a request in pieces, an answer read late, half a head and nothing more."""

import asyncio
import socket
import struct
import time
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from loadtests.wire import Encoded

PATH = "/v2/models/{model}/infer"
SMALL_BUFFER_BYTES = 4096
_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: a close is a reset


class Reply(NamedTuple):
    """What came; status 0 where nothing did."""

    status: int
    headers: dict[str, str]
    body: bytes
    took_ms: float


class Pace(NamedTuple):
    """How slowly a client goes; 0 bytes is all at once."""

    sent_bytes: int = 0
    read_bytes: int = 0
    pause_seconds: float = 0.0  # after each part


def request(model: str, host: str, asked: Encoded) -> bytes:
    """Return the bytes of a request whose connection ends with its answer."""
    headers = {"Host": host, "Connection": "close", "Content-Length": str(len(asked.body))} | asked.headers
    lines = [f"POST {PATH.format(model=model)} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + asked.body


async def send(url: str, data: bytes, pace: Pace = Pace()) -> Reply:  # noqa: B008 - it can't be changed
    """Send a request on a connection of its own, and return what came of it."""
    began = time.perf_counter()
    raw = b""
    with suppress(OSError):
        raw = await _exchange(url, data, pace)
    return _parsed(raw, (time.perf_counter() - began) * 1000)


def half_open(url: str, data: bytes) -> socket.socket:
    """Send part of a request, and return the connection: nobody says more on it, or reads."""
    parts = urlsplit(url)
    connection = socket.create_connection((parts.hostname or "", parts.port or 0))
    connection.sendall(data)
    return connection


def vanish(connection: socket.socket) -> None:
    """Let a connection go without a good-bye."""
    end_by_reset(connection)
    connection.close()


def end_by_reset(connection: socket.socket) -> None:
    """Let the end of a connection be a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)


async def _exchange(url: str, data: bytes, pace: Pace) -> bytes:
    parts, loop = urlsplit(url), asyncio.get_running_loop()
    with socket.socket() as connection:
        connection.setblocking(False)
        if pace.read_bytes:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER_BYTES)
        await loop.sock_connect(connection, (parts.hostname, parts.port))
        step = pace.sent_bytes or len(data)
        for begin in range(0, len(data), step):
            await loop.sock_sendall(connection, data[begin : begin + step])
            if pace.sent_bytes:
                await asyncio.sleep(pace.pause_seconds)
        found = []
        while part := await loop.sock_recv(connection, pace.read_bytes or 1 << 16):
            found.append(part)
            if pace.read_bytes:
                await asyncio.sleep(pace.pause_seconds)
        return b"".join(found)


def _parsed(raw: bytes, took_ms: float) -> Reply:
    """Return an answer from its bytes; one that is cut short is none."""
    head, end, body = raw.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        body, whole = _unchunked(body)
    else:
        whole = len(body) == int(headers.get("content-length", -1))
    return Reply(int(status.split()[1]), headers, body, took_ms) if end and whole else Reply(0, {}, b"", took_ms)


def _unchunked(rest: bytes) -> tuple[bytes, bool]:
    """Return a body from its chunks, and whether it came to its end."""
    found = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            return found, True
        found, rest = found + rest[:length], rest[length + 2 :]
    return found, False
