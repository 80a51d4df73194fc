"""The proxy before a store passes on, late, or not at all."""

import socket
from contextlib import contextmanager, suppress
from threading import Thread
from urllib.parse import urlsplit

import pytest

from loadtests.faults.faulty_twin import await_that
from loadtests.faults.store_proxy import StoreProxy


@contextmanager
def echo():
    """Run a server that says what it hears, once a connection."""

    def serve():
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, suppress(ConnectionError):
                connection.sendall(connection.recv(100))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def heard(proxy, said=b"bytes"):
    parts = urlsplit(proxy.endpoint)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(said)
        return connection.recv(100)


def test_bytes_pass_late_where_the_store_is_slow_and_not_where_it_is_away():
    with echo() as endpoint, StoreProxy(endpoint) as proxy:
        assert heard(proxy) == b"bytes"
        with proxy.slow(0.01):
            assert heard(proxy) == b"bytes"
        with proxy.away(), pytest.raises(ConnectionError):
            heard(proxy)
        assert heard(proxy) == b"bytes"


def test_who_is_connected_when_the_store_goes_is_reset():
    with echo() as endpoint, StoreProxy(endpoint) as proxy:
        parts = urlsplit(proxy.endpoint)
        with socket.create_connection((parts.hostname, parts.port)) as connection:
            await_that(lambda: proxy._writers, "a connection that is carried")
            with proxy.away(), pytest.raises(ConnectionError):
                connection.recv(100)
