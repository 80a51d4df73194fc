"""Is a pod ready? Asked as queue-proxy asks, but so often that nobody waits for the question."""

import asyncio
import socket
from typing import NamedTuple

from poorwill.kinds.kind import Object

EAGER_SECONDS, EAGER_PERIOD_SECONDS, PATIENT_PERIOD_SECONDS = 5.0, 0.005, 0.05
"""A refused connection of the loopback costs 30 us, so the first seconds can afford 200 of them each;
after that as queue-proxy asks."""

READY_PERIOD_SECONDS = 10.0
"""Kubernetes' default period, where the manifest has none."""


_STATUS_LINE_BYTES = 4096


class Probe(NamedTuple):
    """What a container's readinessProbe asks for."""

    path: str | None  # None: a connection is enough
    headers: tuple[tuple[str, str], ...] = ()
    delay_seconds: float = 0.0
    period_seconds: float = READY_PERIOD_SECONDS  # once it is ready
    timeout_seconds: float = 1.0
    failures: int = 3  # in a row, until a ready pod is not


def probe_of(container: Object) -> Probe | str:
    """Return a container's readiness probe, or why the twin can't ask it."""
    spec = container.get("readinessProbe") or {}
    for other in ("exec", "grpc"):
        if spec.get(other):
            return f"readinessProbe.{other}: the twin asks by httpGet and tcpSocket"
    ask = spec.get("httpGet")
    headers = tuple((header["name"], header["value"]) for header in (ask or {}).get("httpHeaders") or ())
    return Probe(
        path="/" + ask.get("path", "/").removeprefix("/") if ask else None,
        headers=headers,
        delay_seconds=spec.get("initialDelaySeconds", 0),
        period_seconds=spec.get("periodSeconds") or READY_PERIOD_SECONDS,
        timeout_seconds=spec.get("timeoutSeconds") or 1,
        failures=spec.get("failureThreshold") or 3,
    )


async def is_ready(probe: Probe, host: str, port: int) -> bool:
    """Ask once."""
    try:
        with socket.socket() as client:  # no more descriptors is no readiness, too
            client.setblocking(False)
            async with asyncio.timeout(probe.timeout_seconds):
                await asyncio.get_running_loop().sock_connect(client, (host, port))
                return probe.path is None or await _get(probe, f"{host}:{port}", client)
    except (OSError, ValueError):
        return False


async def _get(probe: Probe, host: str, client: socket.socket) -> bool:
    loop = asyncio.get_running_loop()
    headers = {"host": host, "user-agent": "kube-probe/1.35", "connection": "close"}
    headers |= {name.lower(): value for name, value in probe.headers}
    lines = [f"GET {probe.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    await loop.sock_sendall(client, "\r\n".join(lines).encode())
    answer = b""
    while b"\n" not in answer and len(answer) < _STATUS_LINE_BYTES:
        received = await loop.sock_recv(client, _STATUS_LINE_BYTES)
        if not received:
            return False
        answer += received
    status = answer.split(b" ", 2)
    return len(status) > 1 and 200 <= int(status[1]) < 400
