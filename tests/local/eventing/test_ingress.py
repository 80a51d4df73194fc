"""The ingress answers as Knative's, and what it has accepted is on the disk."""

import asyncio
import re
import socket

import pytest
from aiohttp import web

from poorwill.local.eventing.broker_event import ARRIVAL_TIME, TTL
from poorwill.serving.message import Answer
from tests.local.eventing.grounds import BROKER_HOST, STEP_HOST, answering, ground, running, step, trigger

HEADERS = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "asked"}
STRUCTURED = b'{"specversion":"1.0","id":"2","source":"/s","type":"asked","data":{"x":1}}'
HEAD = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())


async def exchanged(port, sent, answers):
    """Send bytes as they are, and return the statuses of what comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in sent:
        writer.write(piece)
        await writer.drain()
    said = b""
    while said.count(b"HTTP/1.1 ") < answers or not said.endswith(b"\r\n\r\n"):
        piece = await reader.read(65_536)
        if not piece:
            break
        said += piece
    writer.close()
    return [int(status) for status in re.findall(rb"HTTP/1.1 ([0-9]{3})", said)]


@running
async def test_an_event_is_accepted_in_either_mode(tmp_path):
    async with ground(tmp_path, trigger(reply=None)) as one:
        binary = await one.send(headers=HEADERS | {"Content-Type": "application/json"}, data=b'{"x": 1}')
        structured = await one.send(headers={"Content-Type": "application/cloudevents+json"}, data=STRUCTURED)
        await one.drained()

        assert (binary[0], structured[0], binary[1]["Allow"], binary[2]) == (202, 202, "POST, OPTIONS", b"")
        assert {event.id: event.data for event in one.gateway.events("taker")} == {"1": b'{"x": 1}', "2": b'{"x":1}'}


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        (BROKER_HOST, "/default/orders", 202),
        (BROKER_HOST.upper() + ":80", "/default/orders/", 202),
        (BROKER_HOST, "/", 404),
        (BROKER_HOST, "/default", 400),
        (BROKER_HOST, "/default/orders/more", 400),
        (BROKER_HOST, "/default/other", 404),
        (STEP_HOST, "/", 202),
        (STEP_HOST, "/more", 400),
        (STEP_HOST, "/default/orders", 400),
        ("other.default.svc.cluster.local", "/", 404),
    ],
)
def test_an_address_is_a_brokers_or_a_channels_or_unknown(tmp_path, host, path, status):
    @running
    async def test():
        async with ground(tmp_path) as one:
            assert (await one.send(host=host, path=path, headers=HEADERS))[0] == status

    test()


@running
async def test_methods_are_answered_as_by_knative(tmp_path):
    async with ground(tmp_path) as one:
        for method in ("GET", "PUT", "DELETE", "HEAD"):
            status, headers, _ = await one.send(method, headers=HEADERS)
            assert (status, headers["Allow"]) == (405, "POST, OPTIONS")
        status, headers, _ = await one.send("OPTIONS")
        assert (status, headers["WebHook-Allowed-Origin"], headers["WebHook-Allowed-Rate"]) == (200, "*", "*")


@pytest.mark.parametrize(
    ("headers", "data"),
    [
        ({}, b"{}"),
        ({"Content-Type": "application/json"}, b"{}"),
        (HEADERS | {"ce-source": ""}, b""),
        ({name: value for name, value in HEADERS.items() if name != "ce-id"}, b""),
        ({"Content-Type": "application/cloudevents+json"}, b"{"),
        ({"Content-Type": "application/cloudevents+xml"}, b"<event/>"),
        ({"Content-Type": "application/cloudevents-batch+json"}, b"[" + STRUCTURED + b"]"),
    ],
)
def test_what_is_not_one_event_is_refused_without_quoting_it(tmp_path, headers, data):
    @running
    async def test():
        async with ground(tmp_path, trigger()) as one:
            status, said, body = await one.send(headers=headers, data=data)

            assert (status, said["Allow"]) == (400, "POST, OPTIONS")
            assert b"problem" in said["Content-Type"].encode()
            assert b"event/" not in body
            assert await one.eventing.pending() == {}

    test()


@running
async def test_a_broker_writes_down_when_an_event_came_and_hides_its_hops(tmp_path):
    async with ground(tmp_path, trigger(reply=None), clock=lambda: 1_800_000_000.25) as one:
        await one.send(headers=HEADERS | {f"ce-{ARRIVAL_TIME}": "yesterday"})
        await one.drained()
        (event,) = one.gateway.events("taker")

        assert event.extensions == {ARRIVAL_TIME: "2027-01-15T08:00:00.250000Z"}


@running
async def test_a_channel_adds_nothing(tmp_path):
    async with ground(tmp_path, step(reply=None)) as one:
        await one.send(host=STEP_HOST, path="/", headers=HEADERS | {f"ce-{TTL}": "1"})
        await one.drained()
        (event,) = one.gateway.events("taker")

        assert event.extensions == {TTL: "1"}


@pytest.mark.parametrize(
    ("hops", "status"), [("2", 202), ("1", 400), ("0", 400), ("-7", 400), ("many", 202), ("1e99", 202), ("nan", 202)]
)
def test_an_event_without_hops_left_is_refused(tmp_path, hops, status):
    @running
    async def test():
        async with ground(tmp_path, trigger()) as one:
            assert (await one.send(headers=HEADERS | {f"ce-{TTL}": hops}))[0] == status

    test()


@running
async def test_requests_in_one_piece_and_in_many_are_all_answered_in_order(tmp_path):
    post = f"POST /default/orders HTTP/1.1\r\nhost: {BROKER_HOST}\r\n{HEAD}"
    good = (post + "content-length: 2\r\n\r\n{}").encode()
    wrong = (post.replace("asked", "") + "content-length: 0\r\n\r\n").encode()
    chunked = (post + "transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n").encode()
    waiting = (post + "expect: 100-continue\r\ncontent-length: 2\r\n\r\n").encode()
    async with ground(tmp_path, trigger(reply=None)) as one:
        assert await exchanged(one.port, [good + wrong + chunked + good], 4) == [202, 400, 202, 202]
        assert await exchanged(one.port, [bytes([byte]) for byte in good + chunked], 2) == [202, 202]
        assert await exchanged(one.port, [waiting], 1) == [100]
        assert await exchanged(one.port, [waiting + b"{}"], 1) == [202]
        await one.drained()


@running
async def test_what_is_not_http_ends_the_connection(tmp_path):
    async with ground(tmp_path) as one:
        assert await exchanged(one.port, [b"POST / HTTP/1.1\r\nnonsense\r\n\r\n"], 1) == [400]
        huge = f"POST /default/orders HTTP/1.1\r\nhost: {BROKER_HOST}\r\n{HEAD}content-length: 99999999\r\n\r\n"
        assert await exchanged(one.port, [huge.encode()], 1) == [413]


@running
async def test_a_unix_socket_serves_as_well(tmp_path):
    def listen():
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(tmp_path / "s"))
        return listening

    async with ground(tmp_path, trigger(reply=None), listen=listen):
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / "s"))
        head = f"POST /default/orders HTTP/1.1\r\nhost: {BROKER_HOST}\r\n{HEAD}content-length: 0\r\n\r\n"
        writer.write(head.encode())

        assert (await reader.readline()).startswith(b"HTTP/1.1 202")
        writer.close()


@running
async def test_what_is_no_channel_is_answered_by_whoever_knows_it(tmp_path):
    async def answer(request):
        return Answer(202, request.path.encode(), "text/plain")

    def elsewhere(request):
        return answer(request) if request.headers["host"].startswith("job-sink.") else None

    async with ground(tmp_path, elsewhere=elsewhere) as one:
        known = await one.send("GET", host="job-sink.knative-eventing.svc.cluster.local", path="/default/train")
        assert (known[0], known[2]) == (202, b"/default/train")
        assert (await one.send(host="other.default.svc", headers=HEADERS))[0] == 404


@running
async def test_an_accepted_event_outlives_the_process_that_took_it(tmp_path):
    async with ground(
        tmp_path, trigger(reply=None, retry=9, backoff_policy="linear", backoff_delay_seconds=0.01)
    ) as one:
        one.gateway.answers["taker"] = [lambda: web.Response(status=503), answering(204)]
        await one.send(headers=HEADERS)
        await one.again(trigger(reply=None, retry=9))
        await one.drained()

        assert one.gateway.counts()["1"] >= 1
