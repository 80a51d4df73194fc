"""A twin of its own with version services of one small model: `poorwill up`, applied manifests, its processes."""

import hashlib
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Self

import yaml

from loadtests.bench import processes
from loadtests.bench.environments import ROOT
from loadtests.bench.models import Sample
from loadtests.bench.twin.caller import Target
from poorwill.delivery.cluster import Cluster
from poorwill.delivery.kubeconfig import Source
from poorwill.kinds.kind import SERVICE, Object
from poorwill.kinds.objects import is_true
from poorwill.local.folder import Running, TwinFolder

WAIT_SECONDS, POLL_SECONDS = 120, 0.05
ENVOY = "envoy"
SERVICE_ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "poorwill-predictor"}}
SOON = {  # as soon as Knative lets one sleep
    "autoscaling.knative.dev/window": "6s",
    "autoscaling.knative.dev/scale-to-zero-pod-retention-period": "0s",
}
AWAKE = {"autoscaling.knative.dev/min-scale": "1"}


class Ground(NamedTuple):
    """Where twins are started: the environment's bin folder, the store, the model, a scratch folder."""

    bin: Path
    store: Path
    sample: Sample
    folder: Path


class Twin:
    """A running twin; a context that ends it.

    Args:
        ground: it stands on.
        data_path: envoy or activator.
    """

    def __init__(self, ground: Ground, data_path: str) -> None:
        self.ground = ground
        self._folder = ground.folder / data_path
        self._folder.mkdir()
        self._command("up", "--detach", "--port", "0", "--data-path", data_path)
        running = TwinFolder(self._folder / ".poorwill").running()
        if running is None:
            raise RuntimeError("a twin that is up has no folder")
        self.running: Running = running
        self.cluster = Cluster.connect(Source(self._folder / ".poorwill" / "kubeconfig", twin=True))
        if data_path == ENVOY:
            await_(lambda: self.envoy is not None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cluster.close()
        self._command("down")

    @property
    def envoy(self) -> int | None:
        """Return Envoy's process."""
        return next((pid for pid, name in self._children().items() if name == ENVOY), None)

    @property
    def functions(self) -> list[int]:
        """Return the processes of functions, which have no name of their own."""
        return [pid for pid, name in self._children().items() if name != ENVOY]

    def furnish(self) -> None:
        """Make what version services refer to."""
        data = {"POORWILL_STORE": str(self.ground.store), "AWS_REGION": "us-east-1"}
        store = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "poorwill-store"}, "data": data}
        for obj in (SERVICE_ACCOUNT, store):
            self.cluster.apply(obj)

    def apply(self, names: list[str], annotations: dict[str, str]) -> None:
        """Apply version services, and wait until each is Ready."""
        for name in names:
            self.cluster.apply(version_service(name, self.ground.sample, annotations))
        for name in names:
            await_(lambda name=name: is_true(self.cluster.get(SERVICE, name) or {}, "Ready"))  # type: ignore[misc]

    def target(self, name: str) -> Target:
        """Return where a version service is asked through the gateway."""
        return Target(self.running.port, f"{name}.{self.cluster.namespace}.poorwill.localhost")

    def _children(self) -> dict[int, str]:
        return processes.children(self.running.pid)

    def _command(self, *arguments: str) -> None:
        variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
        kept = {name: value for name, value in variables.items() if not name.startswith(("POORWILL_", "KUBECONFIG"))}
        command = [str(self.ground.bin / "poorwill"), *arguments]
        subprocess.run(command, cwd=self._folder, env=kept, check=True, stderr=subprocess.DEVNULL)


def port_of(pid: int) -> int:
    """Return where a function's process takes requests."""
    return int(variables_of(pid)["PORT"])


def variables_of(pid: int) -> dict[str, str]:
    """Return a process's environment."""
    entries = (processes.PROC / str(pid) / "environ").read_text().split("\0")
    return dict(entry.split("=", 1) for entry in entries if entry)


def await_(holds: Callable[[], bool], wait_seconds: float = WAIT_SECONDS) -> None:
    """Wait until something holds; TimeoutError where it does not in time."""
    deadline = time.monotonic() + wait_seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("it took too long")
        time.sleep(POLL_SECONDS)


def version_service(name: str, sample: Sample, annotations: dict[str, str]) -> Object:
    """Return knative/base's version service for the small model."""
    service: Object = yaml.safe_load((ROOT / "knative" / "base" / "version-service.yaml").read_text())
    service["metadata"]["name"] = name
    template = service["spec"]["template"]
    template["metadata"]["annotations"] |= annotations
    digest = f"sha256:{hashlib.sha256(sample.path.read_bytes()).hexdigest()}"
    own = {"POORWILL_MODEL": f"{sample.name}@1", "POORWILL_DIGEST": digest}
    for entry in template["spec"]["containers"][0]["env"]:
        entry["value"] = own.get(entry["name"], entry["value"])
    return service
