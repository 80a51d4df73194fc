"""A real API to deliver to: a twin of its own, or the cluster that the environment names as for tests/e2e/behaviour.

POORWILL_E2E_KUBECONFIG, POORWILL_E2E_STORE and POORWILL_E2E_IMAGE; AWS_* where the store is S3.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
import yaml

from poorwill.delivery.cluster import Cluster
from poorwill.delivery.deploy import Deployed, DeployOptions, deploy
from poorwill.delivery.kubeconfig import Source
from poorwill.delivery.manifests import starting_service
from poorwill.delivery.split import split
from poorwill.delivery.traffic import Split, parse_split
from poorwill.kinds.kind import ROUTE
from poorwill.registry.names import parse_version_name
from poorwill.registry.registry import Registry
from poorwill.store.opening import open_store
from tests.e2e.behaviour.ground import environment

ROOT = Path(__file__).parents[2]
DIGITS = ROOT / "functions" / "examples" / "digits"
KUBECTL = Path(sys.executable).with_name("kubectl")
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL")
KUBECONFIG = os.environ.get("POORWILL_E2E_KUBECONFIG", "")


class Ground(NamedTuple):
    """One namespace of a real API, with a store that has both digit recognisers."""

    cluster: Cluster
    registry: Registry
    folder: Path
    kubeconfig: Path
    image: str
    store: str  # as pods read it

    def kubectl(self, *arguments: object, stdin: object = None) -> str:
        """Run kubectl in the namespace, as somebody else would."""
        command = [str(KUBECTL), "--kubeconfig", str(self.kubeconfig), "-n", self.cluster.namespace]
        done = subprocess.run(
            [*command, *map(str, arguments)],
            input=None if stdin is None else json.dumps(stdin),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def deploy(self, name: str, *, start: Any = None, told: list[str] | None = None, **options: Any) -> Deployed:
        """Deploy a version as the library does."""
        path = None
        if start is not None:
            path = self.folder / f"{uuid4().hex}.yaml"
            path.write_text(yaml.safe_dump(start))
        settings = DeployOptions(image=self.image, start=path, timeout_seconds=180)._replace(**options)
        lines = told if told is not None else []
        return deploy(self.cluster, self.registry, parse_version_name(name), settings, lines.append)


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Source]]:
    """Yield a folder to work in and what means the cluster; a twin is ended afterwards."""
    folder = tmp_path_factory.mktemp("ground")
    if KUBECONFIG:
        yield folder, Source(Path(KUBECONFIG))
        return
    _poorwill(folder, "up", "--detach", "--port", "0", "--data-path", "activator")
    try:
        yield folder, Source(folder / ".poorwill" / "kubeconfig", twin=True)
    finally:
        _poorwill(folder, "down")


@pytest.fixture(scope="session")
def store(place: tuple[Path, Source]) -> str:
    """Return the URL of a store with digits@1 and digits@2, as pods read it."""
    folder, _ = place
    url = f"{os.environ['POORWILL_E2E_STORE'].rstrip('/')}/{uuid4().hex}" if KUBECONFIG else str(folder / "store")
    for model in ("digits.onnx", "digits_wide.onnx"):
        sample = ["--sample", DIGITS / "sample.json"]
        _poorwill(folder, "push", DIGITS / model, "--name", "digits", "--store", url, *sample)
    return url


@pytest.fixture(scope="module")
def ground(place: tuple[Path, Source], store: str) -> Iterator[Ground]:
    """Yield a namespace with the store's ConfigMap, its keys and the predictor's account."""
    folder, source = place
    assert source.file is not None
    namespace = f"delivery-{uuid4().hex[:8]}"
    image = os.environ.get("POORWILL_E2E_IMAGE", "") if KUBECONFIG else ""
    cluster = Cluster.connect(source, namespace=namespace)
    found = Ground(cluster, Registry(open_store(store)), folder, source.file, image, store)
    found.kubectl("create", "namespace", namespace)
    try:
        found.kubectl("create", "serviceaccount", "poorwill-predictor")
        values = [f"--from-literal=POORWILL_STORE={store}", "--from-literal=AWS_REGION=us-east-1"]
        found.kubectl("create", "configmap", "poorwill-store", *values)
        give_keys(found, namespace)
        yield found
    finally:
        found.kubectl("delete", "namespace", namespace, "--wait=false")
        cluster.close()


def give_keys(ground: Ground, namespace: str) -> None:
    """Let a namespace's pods into the store, where that asks who they are."""
    keys = [f"--from-literal={name}={os.environ[name]}" for name in KEYS if KUBECONFIG and name in os.environ]
    if keys:
        ground.kubectl("create", "secret", "generic", "poorwill-store", *keys, "--namespace", namespace)


@pytest.fixture
def start() -> Any:
    """Return the version service that all are made from, to be changed."""
    return starting_service()


@pytest.fixture(scope="module")
def both(ground: Ground) -> Ground:
    """Return the ground with both versions deployed."""
    ground.deploy("digits@1")
    ground.deploy("digits@2")
    return ground


@pytest.fixture
def cluster(both: Ground) -> Cluster:
    """Return the cluster with a Route that has no history: all traffic at digits@1."""
    both.cluster.delete(ROUTE, "digits")
    for _ in both.cluster.follow(ROUTE, "digits", timeout_seconds=60):
        if both.cluster.get(ROUTE, "digits") is None:
            break
    split(both.cluster, "digits", of("v1=100"))
    return both.cluster


def of(words: str) -> Split:
    """Return a split as people write it."""
    return parse_split(words.split())


def traffic(cluster: Cluster) -> dict[str, int | None]:
    """Return percent by tag, as the Route's status has it."""
    route = cluster.get(ROUTE, "digits")
    return {target["tag"]: target["percent"] for target in route["status"]["traffic"]}


def own_managers(cluster: Cluster) -> set[tuple[str, str]]:
    """Return who manages fields of the Route in Poorwill's name; Knative's controller manages its finalizer."""
    entries = cluster.get(ROUTE, "digits")["metadata"]["managedFields"]
    return {(entry["manager"], entry["operation"]) for entry in entries if entry["manager"].startswith("poorwill")}


def _poorwill(folder: Path, *arguments: object) -> None:
    command = [sys.executable, "-m", "poorwill", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
