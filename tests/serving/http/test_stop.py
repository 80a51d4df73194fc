"""The end: what has begun is answered, nothing new is taken, and the process leaves with 0."""

import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from poorwill.serving.http.server import Server
from poorwill.settings import read
from tests.serving.http.carried import PATIENCE_SECONDS, Client, Probe, chunked, request, running

ROOT = Path(__file__).parents[3]


@contextmanager
def process(*flags):
    command = [sys.executable, "-m", "tests.serving.http.carried", "0", "port=0", *flags]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as started:
        try:
            host, port, _ = started.stdout.readline().split()
            yield started, lambda: Client(host, int(port))
        finally:
            started.kill()


def ended(served):
    served.thread.join(PATIENCE_SECONDS)
    return not served.thread.is_alive()


def test_without_connections_it_stops_at_once():
    with running() as served:
        served.server.stop()

        assert ended(served)
        assert served.probe.stopped.is_set()


def test_what_runs_is_answered_before_the_end():
    with running() as served, served.connect() as client:
        client.send(request("GET", "/heavy/wait"))
        served.probe.begun.acquire()
        served.server.stop()
        served.probe.stopped.wait(PATIENCE_SECONDS)
        served.probe.gate.set()

        reply = client.reply()
        assert (reply.body, reply.headers["connection"]) == (b"GET /heavy/wait ", "close")
        client.close()
        assert ended(served)


@pytest.mark.parametrize("data", [request("POST", "/a", body=b"abc"), chunked("/a", b"abc")])
def test_what_has_begun_to_arrive_is_answered_before_the_end(data):
    with running() as served, served.connect() as client:
        client.send(data[:-2])
        with served.connect() as other:
            other.get("/b")  # so the server has taken the beginning
        served.server.stop()
        served.probe.stopped.wait(PATIENCE_SECONDS)
        client.send(data[-2:])

        assert [reply.body for reply in client.replies()] == [b"POST /a abc"]
        client.close()
        assert ended(served)


def test_what_waits_behind_a_running_request_is_answered_before_the_end():
    with running() as served, served.connect() as client:
        client.send(request("GET", "/heavy/wait") + request("GET", "/a") + request("GET", "/b"))
        served.probe.begun.acquire()
        served.server.stop()
        served.probe.stopped.wait(PATIENCE_SECONDS)
        served.probe.gate.set()

        replies = client.replies()
        assert [reply.body for reply in replies] == [b"GET /heavy/wait ", b"GET /a ", b"GET /b "]
        assert ["connection" in reply.headers for reply in replies] == [False, False, True]


def test_an_idle_connection_may_send_one_more_request():
    with running() as served, served.connect() as client:
        client.get("/a")
        served.server.stop()
        served.probe.stopped.wait(PATIENCE_SECONDS)

        reply = client.get("/b")
        assert (reply.body, reply.headers["connection"], client.reply()) == (b"GET /b ", "close", None)


def test_an_idle_connection_does_not_hold_up_the_end():
    with running(grace_seconds=1000) as served, served.connect() as client:
        client.get("/a")
        served.server.stop()

        assert client.reply() is None
        assert ended(served)


def test_connections_that_were_not_accepted_yet_are_served_before_the_end():
    probe = Probe()
    server = Server(probe, settings=read({}, {"port": "0"}))
    clients = [Client(server.host, server.port) for _ in range(300)]
    for client in clients:
        client.send(request("GET", "/a"))
    server.stop()
    thread = threading.Thread(target=server.run)
    thread.start()

    for client in clients:
        with client:
            reply = client.reply()
            assert (reply.body, reply.headers["connection"]) == (b"GET /a ", "close")
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()


def test_no_connection_is_taken_after_the_end_began():
    with running() as served, served.connect() as client:
        client.send(b"GET")
        served.server.stop()
        served.probe.stopped.wait(PATIENCE_SECONDS)
        client.send(request("GET", "/a")[3:])
        assert client.reply().status == 200

        with pytest.raises(ConnectionRefusedError):
            served.connect()


def test_what_takes_longer_than_grace_is_given_up():
    with running(grace_seconds=0.1) as served, served.connect() as client:
        client.send(request("GET", "/heavy/wait"))
        served.probe.begun.acquire()
        served.server.stop()

        assert client.reply() is None
        assert ended(served)


def test_told_twice_before_it_runs_it_waits_for_nobody():
    probe = Probe()
    server = Server(probe, settings=read({}, {"port": "0", "grace_seconds": "1000"}))
    with Client(server.host, server.port) as client:
        client.send(b"GET /half")
        server.stop()
        server.stop()

        server.run()

    assert probe.stopped.is_set()


def test_told_twice_it_stops_at_once():
    with running() as served, served.connect() as client:
        client.send(request("GET", "/heavy/wait"))
        served.probe.begun.acquire()
        served.server.stop()
        served.server.stop()

        assert ended(served)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_with_0(number):
    with process() as (started, connect):
        with connect() as client:
            assert client.get("/a").status == 200
        started.send_signal(number)

        assert started.wait(PATIENCE_SECONDS) == 0


def test_a_second_signal_ends_the_process_whatever_it_does():
    with process() as (started, connect), connect() as client:
        client.send(request("GET", "/heavy/wait"))
        started.send_signal(signal.SIGTERM)
        client.send(b"GET /behind")  # keeps the connection busy until it is cut off
        while True:  # the first signal was seen when nobody is let in any more
            try:
                connect().close()
            except ConnectionError:
                break
        started.send_signal(signal.SIGTERM)

        assert started.wait(PATIENCE_SECONDS) == -signal.SIGTERM


def test_under_load_a_signal_loses_no_request():
    with process("threads=2") as (started, connect):
        lost, answered = [], []
        loaded = threading.Barrier(9)

        def load(path):
            with connect() as client:
                client.get(path)
                loaded.wait(PATIENCE_SECONDS)
                while True:
                    try:
                        reply = client.get(path)
                    except OSError as error:
                        lost.append(error)
                        return
                    (answered if reply is not None and reply.status == 200 else lost).append(reply)
                    if reply is None or "connection" in reply.headers:
                        return

        threads = [threading.Thread(target=load, args=(path,)) for path in ["/a"] * 4 + ["/heavy/work"] * 4]
        for thread in threads:
            thread.start()
        loaded.wait(PATIENCE_SECONDS)
        started.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join(PATIENCE_SECONDS)

        assert lost == []
        assert len(answered) >= len(threads)
        assert started.wait(PATIENCE_SECONDS) == 0
