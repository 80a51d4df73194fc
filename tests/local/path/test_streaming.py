"""What passes through the data path byte by byte, and what of the headers."""

import asyncio
import hashlib
import io
import json

from aiohttp import web

from tests.local.path.grounds import HOST, V1, V2, awake, functions, running

MEBIBYTE = b"x" * 2**20


async def digest_of_body(request):
    digest, count = hashlib.sha256(), 0
    async for part in request.content.iter_any():
        digest.update(part)
        count += len(part)
    return web.json_response({"digest": digest.hexdigest(), "bytes": count, "headers": dict(request.headers)})


async def raw(ground, text, *, until=b""):
    """Return all that comes back for these bytes, up to the end or up to what is waited for."""
    reader, writer = await asyncio.open_connection("127.0.0.1", ground.port)
    writer.write(text)
    try:
        return await (reader.readuntil(until) if until else reader.read()), reader, writer
    finally:
        if not until:
            writer.close()


@running
async def test_a_long_body_passes_in_parts_whether_its_length_is_said_or_not(open_ground):
    async with functions("one") as (one,), open_ground() as ground:
        one.answer = digest_of_body
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one)})

        async def parts():
            for _ in range(16):
                yield MEBIBYTE

        wanted = hashlib.sha256(16 * MEBIBYTE).hexdigest()
        for body in (io.BytesIO(16 * MEBIBYTE), parts()):
            async with ground.ask(method="POST", data=body) as answer:
                assert (await answer.json())["digest"] == wanted


@running
async def test_a_long_answer_passes_in_parts(open_ground):
    async with functions("one") as (one,), open_ground() as ground:
        next_part = asyncio.Event()

        async def parts(request):
            response = web.StreamResponse(headers={"Content-Type": "text/plain"})
            await response.prepare(request)
            for part in (b"first", b"second"):
                await response.write(part)
                await next_part.wait()
            return response

        one.answer = parts
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one)})

        async with ground.ask() as answer:
            assert await answer.content.readany() == b"first"
            next_part.set()
            assert await answer.content.read() == b"second"


@running
async def test_a_compressed_body_and_answer_stay_as_they_are(open_ground):
    async with functions("one") as (one,), open_ground() as ground:

        async def echo(request):
            body = await request.content.read()
            return web.Response(body=body, headers={"Content-Encoding": "gzip", "Content-Type": "a/b"})

        one.answer = echo
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one)})

        async with ground.ask(method="POST", data=b"not gzip", headers={"Content-Encoding": "gzip"}) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            assert await answer.content.read() == b"not gzip"


@running
async def test_a_body_is_asked_for_when_a_process_takes_it(open_ground):
    async with functions("one") as (one,), open_ground() as ground:
        one.answer = digest_of_body
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one)})
        head = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n".encode()

        invited, reader, writer = await raw(ground, head, until=b"\r\n\r\n")
        assert invited.startswith(b"HTTP/1.1 100 ")
        writer.write(b"body")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        writer.close()


@running
async def test_requests_in_a_row_are_answered_in_their_order(open_ground):
    async with functions("one") as (one,), open_ground() as ground:
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one)})
        requests = [f"GET /{n} HTTP/1.1\r\nHost: {HOST}\r\n\r\n" for n in range(3)]
        requests.append(f"GET /last HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n")

        answered, _, _ = await raw(ground, "".join(requests).encode())

        places = [answered.index(f'"path": "/{path}"'.encode()) for path in (0, 1, 2, "last")]
        assert places == sorted(places)


@running
async def test_head_is_answered_without_a_body(open_ground):
    async with functions("one") as (one,), open_ground() as ground:
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one)})

        async with ground.ask(method="HEAD") as answer:
            assert answer.status == 200
            assert int(answer.headers["Content-Length"]) > 0
        assert await ground.name() == "one"


@running
async def test_a_path_passes_exactly_as_it_came(open_ground):
    async with functions("one") as (one,), open_ground() as ground:
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one)})
        path = "/v2//models/a%2Fb/../c?q=%20+&r"

        answered, _, _ = await raw(ground, f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())

        assert json.loads(answered.partition(b"\r\n\r\n")[2])["path"] == path


@running
async def test_a_function_learns_who_asked_and_nobody_can_say_what_only_the_data_path_says(open_ground):
    async with functions("one") as (one,), open_ground() as ground:
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one)})
        forged = {
            "Knative-Serving-Revision": V2.name,
            "Knative-Serving-Namespace": V2.namespace,
            "K-Proxy-Request": "forged",
            "X-Forwarded-For": "192.0.2.1",
            "X-Request-Id": "mine",
            "Connection": "X-Hop",
            "X-Hop": "1",
            "Traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        }

        async with ground.ask(headers=forged) as answer:
            got = dict((await answer.json())["headers"])

        got = {name.lower(): value for name, value in got.items()}
        assert got["host"] == HOST
        assert not {"knative-serving-revision", "knative-serving-namespace"} & got.keys()
        assert got.get("k-proxy-request", "activator") == "activator"
        assert got["x-forwarded-for"].replace(" ", "") == "192.0.2.1,127.0.0.1"
        assert got["x-forwarded-proto"] == "http"
        assert got["forwarded"].startswith("for=")
        assert got["x-request-id"] == "mine"
        assert got["traceparent"] == forged["Traceparent"]


@running
async def test_an_upgrade_is_not_taken_and_the_request_answered_as_it_is(open_ground):
    async with functions("one") as (one,), open_ground() as ground:
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one)})

        for protocol in ("websocket", "h2c"):
            async with ground.ask(headers={"Connection": "Upgrade", "Upgrade": protocol}) as answer:
                assert answer.status == 200
                assert "upgrade" not in {name.lower() for name, _ in (await answer.json())["headers"]}


@running
async def test_a_caller_that_goes_while_a_function_works_ends_the_work(open_ground):
    async with functions("one") as (one,), open_ground() as ground:
        ended = asyncio.Event()

        async def work(request):
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        one.answer = work
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one)})
        asked = asyncio.create_task(ground.name())
        await one.arrived.wait()
        asked.cancel()

        await ended.wait()
