"""A twin with a pipeline on it, brought up by what users type: poorwill image build, kubectl apply -k, curl."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from tests.conftest import free_ports
from tests.e2e.behaviour.ground import ROOT, environment
from tests.e2e.faults.twin import Twin


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the whole folder; only Linux ends the twin's processes with it."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.skipif(sys.platform != "linux", reason="only Linux binds processes so"))


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """Yield a twin with an empty store, and knative/ beside it."""
    folder = tmp_path_factory.mktemp("pipeline")
    shutil.copytree(ROOT / "knative", folder / "knative")
    (folder / "store").mkdir()
    (port,) = free_ports(1)
    variables = environment(KUBECONFIG=str(folder / ".poorwill" / "kubeconfig"))
    with urllib3.PoolManager() as http:
        found = Twin("twin-activator", folder, variables, f"http://127.0.0.1:{port}", "./store", "", "default", http)
        found.up()
        try:
            yield found
        finally:
            if not found.is_up:
                found.up()
            found.poorwill("down")
