"""Fixtures that several folders of tests use: S3 servers, real ones, each on free ports of the loopback."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from loadtests.seaweed import S3Server, free_ports, seaweed_server

__all__ = ["S3Server", "free_ports"]

# a busy machine may take any time for any step, and no test judges that
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def moto() -> Iterator[S3Server]:
    """Run an S3 server in this process; it checks conditions, but no signatures."""
    from moto.moto_server.threaded_moto_server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield S3Server(f"http://{host}:{port}", "testing", "testing")
    server.stop()


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """Run SeaweedFS, a whole S3 server in a process of its own; it checks signatures and conditions.

    Tests that use it carry the marker e2e.
    """
    with seaweed_server(tmp_path_factory.mktemp("seaweed")) as server:
        yield server
