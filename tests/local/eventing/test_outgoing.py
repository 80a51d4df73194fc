"""Answers are read as HTTP/1.1 writes them, however they come in; connections are kept and never waited on in vain."""

import asyncio
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.local.eventing.answer_reader import ERROR_LIMIT_BYTES, AnswerReader, UnreadableError
from poorwill.local.eventing.outgoing import Outgoing
from poorwill.local.eventing.subscription import Place
from tests.local.eventing.grounds import running

OK = b"HTTP/1.1 200 OK\r\n"


def read(data, cuts=()):
    """Read an answer in pieces; return its status, headers and body, and whether it was complete."""
    reader, complete = AnswerReader(1_000_000), False
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for begin, end in pairwise(places):
        if begin < end and not complete:
            complete = reader.take(data[begin:end])
    return reader, complete or reader.end()


@pytest.mark.parametrize(
    ("data", "status", "body", "ends"),
    [
        (OK + b"Content-Length: 3\r\n\r\nabc", 200, b"abc", False),
        (OK + b"content-length: 3\r\nConnection: close\r\n\r\nabc", 200, b"abc", True),
        (OK + b"Transfer-Encoding: Chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\nt: 1\r\n\r\n", 200, b"abc", False),
        (OK + b"\r\nabc", 200, b"abc", True),
        (b"HTTP/1.1 204\r\n\r\n", 204, b"", False),
        (b"HTTP/1.0 202 Accepted\r\ncontent-length: 0\r\n\r\n", 202, b"", True),
        (
            b"HTTP/1.1 103 Early\r\nlink: x\r\n\r\nHTTP/1.1 100 Go on\r\n\r\n" + OK + b"content-length:1\r\n\r\na",
            200,
            b"a",
            False,
        ),
    ],
)
@given(st.lists(st.integers(0, 200), max_size=6))
def test_an_answer_is_whole_however_it_is_cut(data, status, body, ends, cuts):
    reader, complete = read(data, cuts)

    assert (complete, reader.status, reader.body, reader.ends) == (True, status, body, ends)


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 2x0 OK\r\n\r\n",
        OK + b"no colon\r\n\r\n",
        OK + b"content-length: -1\r\n\r\n",
        OK + b"content-length: 1000001\r\n\r\n",
        OK + b"transfer-encoding: chunked\r\n\r\nzz\r\n",
        OK + b"x: " + b"y" * 70_000,
    ],
)
def test_what_is_no_answer_is_not_waited_for(data):
    with pytest.raises(UnreadableError):
        read(data)


@given(st.binary(max_size=200))
def test_whatever_comes_is_an_answer_or_none(data):
    for start in (b"", OK, OK + b"content-length: 5\r\n\r\n", OK + b"transfer-encoding: chunked\r\n\r\n"):
        try:
            read(start + data)
        except UnreadableError:
            continue


def test_of_a_failure_only_the_start_is_read():
    for framing in (b"content-length: 900000\r\n\r\n", b"\r\n"):
        reader, complete = read(b"HTTP/1.1 500 No\r\n" + framing + bytes(ERROR_LIMIT_BYTES + 1))
        assert (complete, reader.ends) == (True, True)


@asynccontextmanager
async def serving(*scripts):
    """Serve each connection by a script of its own: what is sent after each request, None for the end."""
    left, requests = list(scripts), []

    async def serve(reader, writer):
        for said in left.pop(0):
            requests.append(await reader.readuntil(b"\r\n\r\n"))
            if said is None:
                break
            writer.write(said)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    outgoing = Outgoing(server.sockets[0].getsockname)
    try:
        yield outgoing, requests
    finally:
        await outgoing.stop()
        server.close()


async def sent(outgoing, timeout_seconds=5.0):
    told = asyncio.get_running_loop().create_future()
    outgoing.send(Place("a.b", "/p?q=1"), {"ce-id": "1"}, b"", timeout_seconds=timeout_seconds, then=told.set_result)
    return await told


EMPTY = OK + b"content-length: 0\r\n\r\n"


@running
async def test_a_connection_carries_one_request_after_the_other(tmp_path):
    async with serving([EMPTY] * 3) as (outgoing, requests):
        assert [(await sent(outgoing)).status for _ in range(3)] == [200, 200, 200]
        assert requests[0].startswith(b"POST /p?q=1 HTTP/1.1\r\nhost: a.b\r\n")


@running
async def test_a_kept_connection_that_ends_before_any_answer_is_replaced_once(tmp_path):
    async with serving([EMPTY, None], [EMPTY]) as (outgoing, requests):
        assert [(await sent(outgoing)).status for _ in range(2)] == [200, 200]
        assert len(requests) == 3


@running
async def test_a_fresh_connection_that_ends_is_a_failure(tmp_path):
    async with serving([None], [OK + b"content-length: 9\r\n\r\nabc"], [b"what?\r\n\r\n"]) as (outgoing, _):
        outcomes = [await sent(outgoing) for _ in range(3)]

        assert [(one.status, one.timed_out) for one in outcomes] == [(0, False)] * 3


@running
async def test_no_answer_in_time_is_told_as_that(tmp_path):
    async with serving([b""] * 2) as (outgoing, _):
        outcome = await sent(outgoing, timeout_seconds=0.05)

        assert (outcome.status, outcome.timed_out) == (0, True)


@pytest.mark.parametrize(
    ("place", "headers"),
    [
        (Place("a.b", "/x y"), {}),
        (Place("a.b\r\nx: y", "/"), {}),
        (Place("a.b", "/"), {"content-type": "a/b\r\nx: y"}),
        (Place("a.b", "/日"), {}),
    ],
)
def test_what_would_break_out_of_its_line_is_not_sent(place, headers):
    @running
    async def test():
        async with serving([EMPTY]) as (outgoing, requests):
            told = asyncio.get_running_loop().create_future()
            outgoing.send(place, headers, b"", timeout_seconds=5.0, then=told.set_result)

            assert ((await told).status, requests) == (0, [])

    test()
