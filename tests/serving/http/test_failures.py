"""One caller's bug, nonsense or reset is that caller's alone, over real sockets."""

import socket
from contextlib import ExitStack

import pytest

from poorwill.serving.message import Answer
from tests.serving.http.carried import SECRET, request


@pytest.mark.parametrize("path", ["/bug", "/heavy/bug", "/exit", "/heavy/exit", "/split", "/heavy/split"])
def test_a_bug_of_the_application_is_a_500_that_tells_nothing_and_the_server_lives_on(served, path):
    with served.connect() as client:
        reply = client.get(path)

        assert reply.status == 500
        assert SECRET not in str(reply)
        assert served.probe.refused[0].__cause__ is not None
        assert client.get("/a").status == 200


def test_an_application_that_fails_to_refuse_leaves_the_bare_status(served, monkeypatch):
    monkeypatch.setattr(served.probe, "refuse", served.probe.answer_bug)

    with served.connect() as client:
        assert client.get("/bug").status == 500
        client.send(b"nonsense\r\n\r\n")
        assert (client.reply().status, client.reply()) == (400, None)


def test_an_application_that_answers_nonsense_loses_that_connection_alone(served, monkeypatch):
    with served.connect() as client, served.connect() as other:
        monkeypatch.setattr(served.probe, "refuse", lambda _error: Answer(500, headers=(("a", "b\n"),)))

        with pytest.raises(ConnectionResetError):
            client.get("/heavy/split")
        assert other.get("/a").status == 200


def test_of_requests_that_come_at_once_each_is_answered_on_its_own(served, monkeypatch):
    monkeypatch.setattr(served.probe, "answer_nothing", lambda _request: None, raising=False)
    with ExitStack() as stack:
        clients = [stack.enter_context(served.connect()) for _ in range(20)]
        clients.pop(0).send(request("GET", "/nothing"))  # a head that was read before is what puts it among the others
        for path in ("/bug", "/a"):
            served.ask(request("GET", path))
        stuck = stack.enter_context(served.connect())
        stuck.send(request("GET", "/wait"))
        served.probe.begun.acquire()
        for number, client in enumerate(clients):
            client.send(request("GET", {3: "/nothing", 5: "/bug"}.get(number, "/a")))
        served.probe.gate.set()

        with pytest.raises(ConnectionResetError):
            clients.pop(3).reply()
        assert stuck.reply().status == 200
        assert [client.reply().status for client in clients] == [200] * 4 + [500] + [200] * 13


def test_a_reset_connection_is_nobody_elses_trouble(served):
    with served.connect() as other:
        for path in ("/a", "/big", "/heavy/wait"):
            client = served.connect()
            client.send(request("GET", path))
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.close()

        served.probe.gate.set()
        assert other.get("/a").status == 200
