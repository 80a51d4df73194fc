"""Who is not let in is told so before the body is read, whatever its size and form."""

import pytest

from poorwill.errors import Fault, UnauthenticatedError
from tests.serving.http.carried import Client, chunked, request, running

KEY = "Authorization: Bearer right"


def refusal(method, path, headers):
    """Let in the right key, and everybody at /open."""
    if path == "/open" or headers.get("authorization") == "Bearer right":
        return None
    return UnauthenticatedError(Fault("Authorization", "a key", "none", "send one"))


@pytest.mark.parametrize(
    "head",
    [
        request("POST", "/a", "Content-Length: 30000000"),
        request("POST", "/a", "Content-Length: 30000000", "Expect: 100-continue"),
        request("POST", "/a", "Content-Length: 3000000000"),
        request("POST", "/a", "Transfer-Encoding: chunked"),
        request("POST", "/a", "Content-Length: 30000000", "Authorization: Bearer wrong"),
    ],
)
def test_a_refusal_comes_before_a_byte_of_the_body(head):
    with running(refusal=refusal) as served, served.connect() as client:
        client.send(head)

        reply = client.reply()
        assert (reply.status, reply.headers["connection"]) == (401, "close")
        assert client.reply() is None
        assert served.probe.requests == []


def test_a_client_in_the_middle_of_a_large_body_can_read_its_refusal():
    with running(refusal=refusal) as served, served.connect() as client:
        client.send(request("POST", "/a", body=bytes(3_000_000)))

        assert (client.reply().status, client.reply()) == (401, None)
        assert served.probe.requests == []


def test_what_follows_a_refusal_on_its_connection_is_never_taken_for_a_request():
    smuggled = request("POST", "/a", KEY, body=b"let me in")
    with running(refusal=refusal) as served:
        replies = served.ask(request("POST", "/a", body=smuggled) + smuggled)

        assert ([reply.status for reply in replies], served.probe.requests) == ([401], [])


def test_each_request_of_a_connection_is_judged_by_itself_however_often_its_head_was_seen():
    right, wrong = request("POST", "/a", KEY, body=b"x"), request("POST", "/a", body=b"x")
    with running(refusal=refusal) as served:
        for _ in range(3):
            with served.connect() as client:
                for data in (right, right):
                    client.send(data)
                    assert client.reply().status == 200
                client.send(wrong)
                assert (client.reply().status, client.reply()) == (401, None)
        assert [reply.status for reply in served.ask(right + right + wrong + right)] == [200, 200, 401]


def test_a_key_that_was_good_once_is_judged_again():
    let_in = [True]
    known = request("POST", "/a", KEY, body=b"x")
    with running(refusal=lambda *_: None if let_in[0] else UnauthenticatedError()) as served:
        assert [reply.status for reply in served.ask(known)] == [200]
        assert [reply.status for reply in served.ask(known)] == [200]
        let_in[0] = False
        assert [reply.status for reply in served.ask(known)] == [401]


def test_a_refusal_of_head_has_no_body():
    with running(refusal=refusal) as served, served.connect() as client:
        client.send(request("HEAD", "/a"))

        reply = client.reply(bodiless=True)
        assert (reply.status, client.file.read()) == (401, b"")


def test_chunks_of_one_who_is_let_in_are_read_as_ever():
    with running(refusal=lambda *_: None) as served:
        assert served.ask(chunked("/a", b"one", b"two"))[0].body == b"POST /a onetwo"


def test_the_metrics_port_asks_nobody():
    with running(refusal=refusal, metrics=lambda _: _answer(), metrics_port=0) as served:
        with Client(served.server.host, served.server.metrics_port) as client:
            assert client.get("/metrics").status == 200
        with served.connect() as client:
            assert client.get("/open").status == 200


def _answer():
    from poorwill.serving.message import Answer

    return Answer(200, b"metrics", "text/plain")
