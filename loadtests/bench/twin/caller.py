"""One connection that sends one request as cheaply as Python can, so that the difference of two paths is theirs."""

import re
import socket
import time
from typing import NamedTuple, Self

from loadtests.bench.models import Sample
from loadtests.bench.running import ASK_SECONDS, check_answer
from loadtests.wire import as_json

INFER = "/v2/models/{model}/infer"
_PART_BYTES = 65_536


class Target(NamedTuple):
    """Where a request goes."""

    port: int
    host: str = "127.0.0.1"  # the header


class Caller:
    """A connection of its own; a context that closes it."""

    def __init__(self, target: Target, sample: Sample) -> None:
        body = as_json("input", sample.array).body
        head = (
            f"POST {INFER.format(model=sample.name)} HTTP/1.1",
            f"Host: {target.host}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        )
        self._request = "\r\n".join([*head, "", ""]).encode() + body
        self._sample = sample
        self._socket = socket.create_connection(("127.0.0.1", target.port), ASK_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self) -> float:
        """Return how long one answer took, in milliseconds; it must be the model's."""
        started = time.perf_counter()
        self._socket.sendall(self._request)
        head, body = self._answer()
        elapsed_ms = (time.perf_counter() - started) * 1000
        if not head.startswith(b"HTTP/1.1 200"):
            raise ConnectionError("an answer that isn't 200")
        check_answer(body, None, self._sample)
        return elapsed_ms

    def _answer(self) -> tuple[bytes, bytes]:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._part()
        head, _, body = received.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if length is None:
            return head, self._chunks(body)
        while len(body) < int(length[1]):
            body += self._part()
        return head, body

    def _chunks(self, received: bytes) -> bytes:
        """Return a body that comes in chunks, as the activator sends it on."""
        while not received.endswith(b"0\r\n\r\n"):
            received += self._part()
        body = b""
        while received != b"0\r\n\r\n":
            size, _, rest = received.partition(b"\r\n")
            body += rest[: int(size, 16)]
            received = rest[int(size, 16) + 2 :]
        return body

    def _part(self) -> bytes:
        part = self._socket.recv(_PART_BYTES)
        if not part:
            raise ConnectionError("a connection that ended before the answer")
        return part
