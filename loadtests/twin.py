"""A twin of its own for load: on free ports of the loopback, in a folder that goes with it; nothing is left behind."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import yaml

from loadtests import tail_model
from loadtests.digits import FILES, MODEL
from poorwill.delivery.cluster import Cluster
from poorwill.delivery.deploy import DeployOptions, deploy
from poorwill.delivery.kubeconfig import Source
from poorwill.delivery.split import split
from poorwill.delivery.traffic import parse_split
from poorwill.kinds.kind import BROKER, POD, SERVICE, TRIGGER, Kind, Object
from poorwill.kinds.objects import is_true
from poorwill.local.folder import TwinFolder
from poorwill.registry.push import push_version
from poorwill.registry.records import VersionName
from poorwill.registry.registry import Registry
from poorwill.store.opening import open_store

ROOT = Path(__file__).parents[1]
HOST_HEADER = "{model}.default.poorwill.localhost"
BROKER_HEADER = "broker-ingress.knative-eventing.svc.cluster.local"
SOON = {  # as soon as Knative lets a version sleep
    "autoscaling.knative.dev/window": "6s",
    "autoscaling.knative.dev/scale-to-zero-pod-retention-period": "0s",
}
WAIT_SECONDS, POLL_SECONDS = 180, 0.1


class LoadTwin:
    """A running twin with the digit recognisers; a context that ends it.

    Args:
        folder: that it may fill.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._twin = folder, TwinFolder(folder / ".poorwill")
        self._command("up", "--detach", "--port", "0")
        running = self._twin.running()
        if running is None:
            raise SystemExit("load: wanted the twin that was just started, found none")
        self.url = f"http://127.0.0.1:{running.port}"
        self.kubeconfig = self._twin.kubeconfig
        self._cluster = Cluster.connect(Source(self.kubeconfig, twin=True))
        self._store = folder / "store"
        self._start = _start(folder / "version-service.yaml")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._cluster.close()
        self._command("down")

    def deploy_digits(self) -> None:
        """Deploy both digit recognisers; the older one has all the traffic."""
        store = open_store(str(self._store), create=True)
        for file in FILES:
            push_version(store, file, MODEL)
        self._deploy([(MODEL, 1), (MODEL, 2)])

    def deploy_tail(self, count: int) -> None:
        """Deploy so many models of a long tail."""
        store = open_store(str(self._store), create=True)
        numbers = range(1, count + 1)
        for number in numbers:
            push_version(store, tail_model.write(self._folder, number), tail_model.name(number))
        self._deploy([(tail_model.name(number), 1) for number in numbers])

    def take_events(self) -> None:
        """Lead requests that are events to the digit recogniser, and make the Broker that takes them."""
        self._cluster.apply(
            {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "metadata": {"name": "default"}}
        )
        self._cluster.apply(yaml.safe_load((ROOT / "knative" / "loadtests" / "trigger.yaml").read_text()))
        self._await_ready(BROKER, "default")
        self._await_ready(TRIGGER, "load-ask")

    def all_to_the_older(self) -> None:
        """Lead all traffic to the older digit recogniser, as before a change of split."""
        split(self._cluster, MODEL, parse_split(["v1=100"]))

    def await_sleep(self) -> None:
        """Wait until no version has a process."""
        deadline = time.monotonic() + WAIT_SECONDS
        while self._cluster.list(POD):
            if time.monotonic() > deadline:
                raise SystemExit("load: wanted versions that sleep, found processes")
            time.sleep(POLL_SECONDS)

    def _deploy(self, versions: Sequence[tuple[str, int]]) -> None:
        registry = Registry(open_store(str(self._store)))
        options = DeployOptions(start=self._start, store=str(self._store), wait=False)
        for model, version in versions:
            deploy(self._cluster, registry, VersionName(model, version, None), options, lambda _: None)
        for model, version in versions:
            self._await_ready(SERVICE, f"{model}-v{version}")

    def _await_ready(self, kind: Kind, name: str) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while not is_true(self._cluster.get(kind, name) or {}, "Ready"):
            if time.monotonic() > deadline:
                raise SystemExit(f"load: wanted {kind.kind} {name} to be Ready, found that it is not")
            time.sleep(POLL_SECONDS)

    def _command(self, *arguments: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("POORWILL_", "KUBECONFIG"))}
        command = [sys.executable, "-m", "poorwill", *arguments]
        # in a session of its own, so that Ctrl-C does not cut it short
        done = subprocess.run(
            command, cwd=self._folder, env=kept, capture_output=True, text=True, check=False, start_new_session=True
        )
        if done.returncode:
            raise SystemExit(f"load: poorwill {' '.join(arguments)}: {done.stderr}")


def _start(path: Path) -> Path:
    """Write the version service that all are made from, and return its file."""
    service: Object = yaml.safe_load((ROOT / "knative" / "base" / "version-service.yaml").read_text())
    service["spec"]["template"]["metadata"]["annotations"] |= SOON
    path.write_text(yaml.safe_dump(service))
    return path
