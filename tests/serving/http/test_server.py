"""What a client sees of the server, over real sockets."""

import hashlib
import json
import subprocess
import sys
import threading
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from poorwill.errors import UsageError
from poorwill.serving.http.server import Server
from poorwill.serving.message import Answer
from poorwill.settings import read
from tests.serving.http.carried import BIG_BYTES, Probe, chunked, request, running


def test_a_request_is_answered_with_what_all_answers_carry(client):
    reply = client.get("/a?b=c")

    assert reply.status == 200
    assert reply.body == b"GET /a "
    assert list(reply.headers) == ["content-type", "served-by", "date", "content-length"]
    assert reply.headers["content-type"] == "text/plain"
    assert parsedate_to_datetime(reply.headers["date"]).tzname() == "UTC"


def test_a_connection_serves_one_request_after_another(client):
    assert [client.get(f"/{number}").body for number in range(3)] == [b"GET /0 ", b"GET /1 ", b"GET /2 "]


@pytest.mark.parametrize("path", ["/a", "/heavy/a"])
def test_a_body_may_come_with_a_length_or_in_chunks(client, path):
    client.send(request("POST", path, body=b"counted") + chunked(path, b"in ", b"chunks"))

    assert client.reply().body == f"POST {path} counted".encode()
    assert client.reply().body == f"POST {path} in chunks".encode()


def test_requests_sent_at_once_are_answered_in_order_whoever_answers_them(served):
    paths = ["/a", "/heavy/b", "/c", "/heavy/d", "/heavy/e", "/f"]

    with served.connect() as client:
        client.send(b"".join(request("GET", path) for path in paths))

        assert [client.reply().body for _ in paths] == [f"GET {path} ".encode() for path in paths]


def test_heavy_requests_run_on_threads_and_others_on_the_loop(served):
    with served.connect() as client:
        client.get("/a")
        assert served.probe.threads == {served.thread.ident}
        served.probe.threads.clear()
        client.get("/heavy/a")
        assert served.thread.ident not in served.probe.threads


def test_others_are_answered_while_a_heavy_request_runs(served):
    with served.connect() as slow, served.connect() as quick:
        slow.send(request("GET", "/heavy/wait"))
        served.probe.begun.acquire()

        assert quick.get("/health").body == b"GET /health "

        served.probe.gate.set()
        assert slow.reply().body == b"GET /heavy/wait "


def test_head_is_answered_without_a_body_but_with_its_length(client):
    client.send(request("HEAD", "/a") + request("HEAD", "/big") + request("GET", "/b"))

    assert client.reply(bodiless=True).headers["content-length"] == str(len("HEAD /a "))
    assert client.reply(bodiless=True).headers["content-length"] == str(BIG_BYTES)
    assert client.reply().body == b"GET /b "


def test_an_empty_answer_has_neither_length_nor_type(client):
    reply = client.get("/empty")

    assert reply.status == 204
    assert not {"content-length", "content-type"} & set(reply.headers)
    assert client.get("/a").status == 200


def test_a_client_that_asks_to_close_is_told_so_and_gets_its_answer(client):
    reply = client.get("/a", "Connection: close")

    assert reply.headers["connection"] == "close"
    assert client.reply() is None


def test_an_old_client_gets_one_answer_unless_it_asks_for_more(served):
    with served.connect() as once:
        once.send(b"GET /a HTTP/1.0\r\n\r\n")
        assert (once.reply().body, once.reply()) == (b"GET /a ", None)
    with served.connect() as kept:
        kept.send(b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" * 2)
        assert kept.reply().headers["connection"] == kept.reply().headers["connection"] == "keep-alive"


@pytest.mark.parametrize("framing", ["Content-Length: 3", "Transfer-Encoding: chunked"])
def test_a_client_that_waits_to_be_asked_for_its_body_is_asked(client, framing):
    client.send(request("POST", "/a", "Expect: 100-continue", framing))
    assert client.reply().status == 100

    client.send(b"abc" if "Length" in framing else b"3\r\nabc\r\n0\r\n\r\n")
    assert client.reply().body == b"POST /a abc"


def test_a_client_is_asked_for_its_body_once(served, client):
    client.send(request("POST", "/a", "Expect: 100-continue", "Content-Length: 3"))
    assert client.reply().status == 100

    client.send(b"a")
    with served.connect() as other:
        other.get("/b")  # so the server has taken the first byte
    client.send(b"bc")
    assert client.reply().status == 200


def test_a_client_that_does_not_wait_to_be_asked_is_not(client):
    client.send(request("POST", "/a", "Expect: 100-continue", body=b"abc"))

    assert client.reply().body == b"POST /a abc"


def test_an_empty_line_before_a_request_is_ignored(client):
    client.send(b"\r\n" + request("GET", "/a") + b"\r\n\r\n" + request("GET", "/b"))

    assert [client.reply().body for _ in range(2)] == [b"GET /a ", b"GET /b "]


def test_a_body_of_ten_megabytes_arrives_whole(client):
    body = bytes(range(256)) * 40_000

    client.send(request("POST", "/digest", body=body) + chunked("/heavy/digest", body[:9_999_999], body[9_999_999:]))

    assert client.reply().body.decode() == hashlib.sha256(body).hexdigest() == client.reply().body.decode()


def test_an_answer_of_ten_megabytes_arrives_whole_and_the_connection_stays(client):
    client.send(request("GET", "/big") + request("GET", "/heavy/big") + request("GET", "/a"))

    assert [len(client.reply().body) for _ in range(2)] == [BIG_BYTES] * 2
    assert client.reply().body == b"GET /a "


def test_a_malformed_request_is_refused_after_what_came_before_it(served):
    first, refusal = served.ask(
        request("GET", "/a") + b"GET / HTTP/1.1\r\nBad Header: a\r\n\r\n" + request("GET", "/b")
    )

    assert first.body == b"GET /a "
    assert (refusal.status, refusal.headers["connection"]) == (400, "close")
    assert json.loads(refusal.body)["kind"] == "invalid-request"
    assert [request.path for request in served.probe.requests] == ["/a"]


def test_a_refusal_behind_a_request_for_a_head_has_a_body(client):
    client.send(request("HEAD", "/a") + b"nonsense\r\n\r\n")

    client.reply(bodiless=True)
    assert json.loads(client.reply().body)["kind"] == "invalid-request"


def test_a_length_that_is_too_low_makes_a_next_request_that_is_refused(served):
    first, refusal = served.ask(request("POST", "/a", "Content-Length: 3") + b"abcdef\r\n\r\n")

    assert first.body == b"POST /a abc"
    assert refusal.status == 400


@pytest.mark.parametrize(
    "data", [request("POST", "/a", "Content-Length: 9") + b"abc", chunked("/a", b"abc")[:-4], b"GET "]
)
def test_a_request_that_is_cut_off_is_not_run(served, data):
    assert served.ask(data) == []
    assert served.probe.requests == served.probe.refused == []


def test_the_metrics_port_answers_from_a_thread():
    seen = []

    def metrics(request):
        seen.append(threading.get_ident())
        return Answer(200, b"up 1\n", "text/plain")

    with running(metrics=metrics, metrics_port=0) as served:
        with served.connect(served.server.metrics_port) as client:
            assert client.get("/metrics").body == client.get("/metrics").body == b"up 1\n"

        assert served.thread.ident not in seen
        assert served.probe.requests == []


def test_a_port_that_is_taken_is_named():
    with running() as served, pytest.raises(UsageError, match="which is taken"):
        Server(Probe(), settings=read({}, {"port": str(served.server.port)}))


def test_it_listens_on_ipv6():
    with running(host="::1") as served, served.connect() as client:
        assert client.get("/a").status == 200


def test_importing_the_server_imports_neither_asyncio_nor_http_nor_logging():
    program = "import sys, poorwill.serving.http.server; print(*sys.modules)"

    modules = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()

    assert not {"asyncio", "http", "http.server", "logging", "threading", "queue", "email", "ssl"} & set(modules)


parts = st.lists(
    st.sampled_from([request("GET", "/a"), request("POST", "/b", body=b"\r\n\r\n0\r\n"), request("GET", "/heavy/c")])
    | st.just(chunked("/heavy/d", b"abc", b"\r\n\r\n"))
    | st.just(chunked("/e", b"0\r\n\r\n"))
    | st.just(b"GET  HTTP/1.1\r\n\r\n"),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(parts, st.lists(st.integers(1, 300), max_size=8))
def test_a_stream_gets_the_same_answers_in_pieces_as_in_one(served, messages, sizes):
    stream = b"".join(messages)
    with served.connect() as whole:
        whole.send(stream)
        whole.send(request("GET", "/end", "Connection: close"))
        expected = [(reply.status, reply.body) for reply in whole.replies()]

    with served.connect() as client:
        rest = stream
        for size in sizes:
            client.send(rest[:size])
            rest = rest[size:]
        client.send(rest + request("GET", "/end", "Connection: close"))

        assert [(reply.status, reply.body) for reply in client.replies()] == expected
