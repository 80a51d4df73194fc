"""One server a test, a client of it, and an address where nothing listens."""

import socket

import pytest

from poorwill import Client
from tests.client.inference_server import InferenceServer


@pytest.fixture
def server():
    server = InferenceServer()
    yield server
    server.stop()


@pytest.fixture
def client(server):
    with Client(server.url, timeout_seconds=10) as client:
        yield client


@pytest.fixture
def unserved_url():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: nobody else gets the port
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
