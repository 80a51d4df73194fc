"""A server that runs, by the loop's best way to wait and by the portable one."""

import pytest

from poorwill.serving.http import server as http_server
from poorwill.serving.http.poll import PortablePoller, poller
from tests.serving.http.carried import running


@pytest.fixture(params=[poller, PortablePoller], ids=["best", "portable"])
def served(request, monkeypatch):
    monkeypatch.setattr(http_server, "poller", request.param)
    with running() as server:
        yield server


@pytest.fixture
def client(served):
    with served.connect() as client:
        yield client
