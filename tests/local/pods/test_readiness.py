"""Readiness is asked by HTTP or by a connection, and only a clear yes counts."""

import asyncio
import socket

import pytest

from poorwill.local.pods.readiness import Probe, is_ready, probe_of


async def asked(answer, probe):
    """Ask a server that gives this answer to whatever comes; return whether it is ready, and what it got."""
    got = []

    async def serve(reader, writer):
        line = await reader.readline()
        while line.strip():
            got.append(line.decode().strip())
            line = await reader.readline()
        writer.write(answer)
        writer.close()
        await writer.wait_closed()
        served.set()

    served = asyncio.Event()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        found = await is_ready(probe, "127.0.0.1", server.sockets[0].getsockname()[1])
        await served.wait()
        return found, got


@pytest.mark.parametrize(
    ("answer", "ready"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", True),
        (b"HTTP/1.1 302 Found\r\n\r\n", True),
        (b"HTTP/1.1 503 Not ready\r\n\r\n", False),
        (b"HTTP/1.1 404 Not found\r\n\r\n", False),
        (b"what is this\r\n", False),
        (b"", False),
    ],
)
def test_an_http_probe_takes_200_to_399_for_ready(answer, ready):
    probe = Probe("/ready", headers=(("X-Key", "one"),))

    found, got = asyncio.run(asked(answer, probe))

    assert found is ready
    assert got[0] == "GET /ready HTTP/1.1"
    assert "x-key: one" in got


def test_a_tcp_probe_takes_a_connection_for_ready():
    assert asyncio.run(asked(b"", Probe(None)))[0]


def test_nobody_who_listens_is_not_ready():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert not asyncio.run(is_ready(Probe(None), "127.0.0.1", port))


def test_an_answer_that_does_not_come_is_not_ready():
    async def run():
        async def hang(reader, writer):
            await reader.read()
            writer.close()
            await writer.wait_closed()
            served.set()

        served = asyncio.Event()
        server = await asyncio.start_server(hang, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            found = await is_ready(Probe("/", timeout_seconds=0.05), "127.0.0.1", port)
            await served.wait()
            return found

    assert asyncio.run(run()) is False


def test_a_probe_is_read_as_knative_defaults_it():
    assert probe_of({}) == Probe(None)
    assert probe_of({"readinessProbe": {"tcpSocket": {"port": 0}, "successThreshold": 1}}) == Probe(None)
    asked_for = {"httpGet": {"path": "v2/health/ready", "port": 0}, "periodSeconds": 0, "failureThreshold": 5}
    assert probe_of({"readinessProbe": asked_for}) == Probe("/v2/health/ready", failures=5)


@pytest.mark.parametrize("kind", ["exec", "grpc"])
def test_a_probe_that_the_twin_cannot_ask_is_said(kind):
    assert probe_of({"readinessProbe": {kind: {"command": ["true"]}}}).startswith(f"readinessProbe.{kind}: ")
