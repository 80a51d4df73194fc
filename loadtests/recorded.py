"""A recorded log of requests: one a line, when it came, what it was, and what was answered. Written by recording.py.

It holds what callers sent, so it is as secret as that; this machine's other users can't read it.
"""

import os
from base64 import b64decode, b64encode
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """One request, and its answer."""

    after_seconds: float  # since the first one
    path: str
    headers: dict[str, str]  # that say what the body is
    body: str  # base64
    model: str = ""
    digest: str = ""  # of the version that answered
    answer_headers: dict[str, str] = {}
    answer: str = ""  # base64

    @property
    def body_bytes(self) -> bytes:
        """Return what was sent."""
        return b64decode(self.body)

    @property
    def answer_bytes(self) -> bytes:
        """Return what was answered."""
        return b64decode(self.answer)


@cache
def read(path: str) -> tuple[Recorded, ...]:
    """Return a log's requests in the order of their times; ValueError where it has none."""
    lines = Path(path).read_bytes().splitlines()
    found = sorted((msgspec.json.decode(line, type=Recorded) for line in lines), key=lambda one: one.after_seconds)
    if not found:
        raise ValueError("a log without a request")
    return tuple(found)


def write(path: Path, requests: Sequence[Recorded]) -> None:
    """Write a log that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as log:
        log.writelines(msgspec.json.encode(one) + b"\n" for one in requests)


def encoded(body: bytes) -> str:
    """Return bytes as a log has them."""
    return b64encode(body).decode()


def due_seconds(requests: Sequence[Recorded], stretch_ratio: float = 1.0) -> list[float]:
    """Return when each request is due, after the first one: a late one does not make the next ones late."""
    return [(one.after_seconds - requests[0].after_seconds) * stretch_ratio for one in requests]
