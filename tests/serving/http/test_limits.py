"""Limits of size, number and time: each ends in a clear answer or a closed connection, and the others are served."""

import errno
import json
import select
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from poorwill.serving.http.poll import PortablePoller
from poorwill.serving.http.pool import cpus
from tests.serving.http.carried import BIG_BYTES, PATIENCE_SECONDS, Client, chunked, request, running

ROOT = Path(__file__).parents[3]
SOON = 0.2  # a limit in seconds, short since the test waits for it


def kind(reply):
    return json.loads(reply.body)["kind"]


def until_hung_up(client):
    """Return when the other side has ended the connection for good."""
    poll = select.poll()
    poll.register(client.socket.fileno(), 0)
    assert poll.poll(PATIENCE_SECONDS * 1000), "the connection is still there"


@pytest.mark.parametrize("expect", [(), ("Expect: 100-continue",)])
def test_a_length_over_the_limit_is_refused_before_the_body_is_sent(expect):
    with running(body_limit_bytes=1000) as served, served.connect() as client:
        client.send(request("POST", "/a", "Content-Length: 1001", *expect))

        reply = client.reply()
        assert (reply.status, kind(reply), reply.headers["connection"]) == (413, "too-large", "close")
        assert client.reply() is None


def test_a_client_in_the_middle_of_its_body_can_read_the_refusal():
    body = bytes(3_000_000)
    with running(body_limit_bytes=1000) as served, served.connect() as client:
        client.send(request("POST", "/a", body=body))

        assert (client.reply().status, client.reply()) == (413, None)


def test_chunks_over_the_limit_are_refused():
    with running(body_limit_bytes=1000) as served:
        (reply,) = served.ask(chunked("/a", bytes(900), bytes(101)))

        assert (reply.status, served.probe.requests) == (413, [])


def test_a_body_of_exactly_the_limit_is_taken():
    with running(body_limit_bytes=1000) as served:
        replies = served.ask(request("POST", "/a", body=bytes(1000)) + chunked("/a", bytes(900), bytes(100)))

        assert [reply.status for reply in replies] == [200, 200]


def test_a_head_over_the_limit_is_refused():
    with running() as served, served.connect() as client:
        client.send(request("GET", "/a", "A: " + "a" * 40_000))

        reply = client.reply()
        assert (reply.status, kind(reply)) == (431, "head-too-large")


def test_more_heavy_requests_than_the_limit_are_told_to_come_again():
    with running(threads=1, concurrency_limit=2) as served:
        first, second, third = (served.connect() for _ in range(3))
        with first, second, third:
            first.send(request("GET", "/heavy/wait"))
            served.probe.begun.acquire()
            second.send(request("GET", "/heavy/a"))
            refusal = third.get("/heavy/b")

            assert (refusal.status, refusal.headers["retry-after"]) == (503, "1")
            assert third.get("/light").status == 200
            served.probe.gate.set()
            assert (first.reply().status, second.reply().status, third.get("/heavy/b").status) == (200, 200, 200)


def test_more_connections_than_the_limit_are_told_to_come_again():
    with running(connection_limit=2, metrics_port=0) as served:
        first, second, third = (served.connect() for _ in range(3))
        with first, second, third, served.connect(served.server.metrics_port) as scraper:
            refusal = third.reply()

            assert (refusal.status, refusal.headers["retry-after"], third.reply()) == (503, "1", None)
            assert (first.get("/a").status, second.get("/a").status, scraper.get("/a").status) == (200, 200, 200)


def test_far_more_connections_than_the_limit_are_closed():
    with running(connection_limit=1) as served:
        clients = [served.connect() for _ in range(140)]

        statuses = [getattr(client.reply(), "status", None) for client in clients[1:]]
        assert statuses == [503] * 128 + [None] * 11
        assert clients[0].get("/a").status == 200
        for client in clients:
            client.close()


@pytest.mark.parametrize(
    "data",
    [b"G", request("GET", "/a")[:-1], request("POST", "/a", "Content-Length: 9") + b"abc", chunked("/a", b"abc")[:-2]],
    ids=["line", "head", "a length that is too high", "chunks"],
)
def test_a_request_that_stays_away_is_told_that_time_is_up(data):
    with running(receive_timeout_seconds=SOON) as served, served.connect() as client:
        client.send(request("GET", "/before") + data)

        assert client.reply().body == b"GET /before "
        reply = client.reply()
        assert (reply.status, kind(reply), client.reply()) == (408, "too-slow", None)
        assert [request.path for request in served.probe.requests] == ["/before"]


def test_a_request_that_dribbles_is_told_that_time_is_up():
    with running(receive_timeout_seconds=SOON) as served, served.connect() as client:
        client.send(request("POST", "/a", "Content-Length: 1000000"))
        while not select.select([client.socket], [], [], SOON / 20)[0]:
            client.send(b"a")

        assert client.reply().status == 408


def test_a_silent_connection_is_closed_without_a_word():
    with running(idle_timeout_seconds=SOON) as served, served.connect() as used, served.connect() as fresh:
        assert used.get("/a").status == 200

        assert (used.reply(), fresh.reply()) == (None, None)
        assert served.probe.refused == []


def test_a_request_on_a_thread_has_all_the_time_it_needs():
    limits = {"idle_timeout_seconds": SOON, "receive_timeout_seconds": SOON}
    with running(**limits) as served, served.connect() as client, served.connect() as silent:
        client.send(request("GET", "/heavy/wait"))
        assert silent.reply() is None  # by now a deadline would have passed
        served.probe.gate.set()

        assert client.reply().status == 200


@pytest.mark.parametrize("path", ["/big", "/heavy/big"])
def test_a_client_that_does_not_take_its_answer_is_dropped(path):
    with running(receive_timeout_seconds=SOON) as served:
        with served.connect() as client:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.send(request("GET", path) * 3)
            until_hung_up(client)
        with served.connect() as other:
            assert len(other.get("/big").body) == BIG_BYTES


def test_work_that_waits_for_a_client_that_has_gone_is_skipped():
    with running(threads=1) as served, served.connect() as first, served.connect() as later:
        connections = served.server._sender.connections
        first.send(request("GET", "/heavy/wait"))
        served.probe.begun.acquire()
        gone = served.connect()
        gone.send(request("GET", "/heavy/gone"))
        while served.server._exchange._accepted < 2:
            later.get("/a")
        gone.close()
        while len(connections) > 2:
            later.get("/a")
        served.probe.gate.set()

        assert (first.reply().status, later.get("/heavy/last").status) == (200, 200)
        assert "/heavy/gone" not in {request.path for request in served.probe.requests}


def test_only_so_much_is_read_ahead_of_a_running_request():
    many = 3000
    with running() as served, served.connect() as client, served.connect() as other:
        client.send(request("GET", "/heavy/wait"))
        served.probe.begun.acquire()
        sending = threading.Thread(target=client.send, args=(request("GET", "/a", "A: " + "a" * 90) * many,))
        sending.start()
        for _ in range(20):
            other.get("/b")  # the loop goes round
        ahead = [len(connection.inbox.buffer) for connection in served.server._sender.connections.values()]
        served.probe.gate.set()

        assert max(ahead) < 2 * 65_536
        assert client.reply().body == b"GET /heavy/wait "
        assert {client.reply().body for _ in range(many)} == {b"GET /a "}
        sending.join()


def test_work_that_runs_is_answered_to_a_client_that_sends_no_more():
    with running() as served, served.connect() as client:
        client.send(request("GET", "/heavy/wait"))
        served.probe.begun.acquire()
        client.socket.shutdown(socket.SHUT_WR)
        with served.connect() as other:
            other.get("/a")  # so the server has seen that end
        served.probe.gate.set()

        assert [reply.body for reply in client.replies()] == [b"GET /heavy/wait "]


def test_without_descriptors_connections_wait_and_are_served_in_the_end():
    command = [sys.executable, "-m", "tests.serving.http.carried", "32", "port=0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        host, port, _ = process.stdout.readline().split()
        clients = [Client(host, int(port)) for _ in range(60)]
        for client in clients:
            client.send(request("GET", "/a"))

        for client in clients:
            with client:
                assert client.reply().body == b"GET /a "
        process.terminate()
    assert process.returncode == 0


def test_without_descriptors_it_does_not_ask_again_and_again(monkeypatch):
    class Exhausted:
        asked = 0

        def accept(self):
            self.asked += 1
            raise OSError(errno.EMFILE, "no descriptor")

    with running() as served, served.connect() as client:
        client.get("/a")  # so it is accepted
        pauses = []
        monkeypatch.setattr(served.server, "_pause", lambda *, paused: pauses.append(paused))
        listener = Exhausted()
        served.server._accept(listener, 10)

        assert listener.asked == 1
        assert True in pauses
        assert client.get("/a").status == 200


@pytest.mark.parametrize(
    ("files", "most"),
    [
        ({}, 10**6),
        ({"cpu.max": "max 100000"}, 10**6),
        ({"cpu.max": "50000 100000"}, 1),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 10**6),
        ({"cpu/cpu.cfs_quota_us": "100000", "cpu/cpu.cfs_period_us": "100000"}, 1),
    ],
)
def test_threads_are_as_many_as_the_cpus_that_may_be_used(tmp_path, files, most):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    assert cpus(tmp_path) == min(cpus(tmp_path / "none"), most) >= 1


@pytest.mark.parametrize(("seconds", "milliseconds"), [(0.5, 500), (-1, None)])
def test_the_portable_poller_waits_as_long_as_epoll_would(monkeypatch, seconds, milliseconds):
    waited = []
    portable = PortablePoller()
    monkeypatch.setattr(portable, "_poll", waited.append)

    portable.poll(seconds)

    assert waited == [milliseconds]
