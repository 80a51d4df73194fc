"""What load asks, brought onto a twin or a cluster: the digit recognisers, and the models of a long tail.

python -m loadtests.deployed --tail 200 --store s3://poorwill --kubeconfig ~/.kube/config [--namespace default]
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import yaml

from loadtests import tail_model
from loadtests.digits import FILES, MODEL
from poorwill.delivery.cluster import Cluster
from poorwill.delivery.deploy import DeployOptions, deploy
from poorwill.delivery.kubeconfig import Source
from poorwill.delivery.split import split
from poorwill.delivery.traffic import parse_split
from poorwill.errors import PoorwillError
from poorwill.kinds.kind import BROKER, POD, SERVICE, TRIGGER, Kind, Object
from poorwill.kinds.objects import is_true, labels
from poorwill.registry.push import push_version
from poorwill.registry.records import VersionName
from poorwill.registry.registry import Registry
from poorwill.store.opening import open_store

KNATIVE = Path(__file__).parents[1] / "knative"
SOON = {  # as soon as Knative lets a version sleep
    "autoscaling.knative.dev/window": "6s",
    "autoscaling.knative.dev/scale-to-zero-pod-retention-period": "0s",
}
WAIT_SECONDS, POLL_SECONDS = 180, 0.1
AT_ONCE = 4  # versions that start together: each has a process until it has slept
POD_MODEL = "poorwill.dev/model"


class Deployed:
    """A namespace that load asks.

    Args:
        cluster: with that namespace.
        store: URL of where versions are.
        folder: that it may fill.
        image: of version services; "" is the usual one.
        timeout_seconds: of a request, the wait for a process included; 0 is the usual one.
    """

    def __init__(
        self, cluster: Cluster, store: str, folder: Path, image: str = "", *, timeout_seconds: int = 0
    ) -> None:
        self._cluster, self._store, self._folder, self._image = cluster, store, folder, image
        self._start = _start(folder / "version-service.yaml", timeout_seconds)

    def deploy_digits(self) -> None:
        """Deploy both digit recognisers; the older one has all the traffic."""
        store = open_store(self._store, create=True)
        for file in FILES:
            push_version(store, file, MODEL)
        self._deploy([(MODEL, 1), (MODEL, 2)])

    def deploy_tail(self, count: int, first: int = 1) -> None:
        """Deploy so many models of a long tail, from a number on."""
        store = open_store(self._store, create=True)
        numbers = range(first, first + count)
        for number in numbers:
            push_version(store, tail_model.write(self._folder, number), tail_model.name(number))
        self._deploy([(tail_model.name(number), 1) for number in numbers])

    def take_events(self) -> None:
        """Lead requests that are events to the digit recogniser, and make the Broker that takes them."""
        broker = {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "metadata": {"name": "default"}}
        self._cluster.apply(broker)
        self._cluster.apply(yaml.safe_load((KNATIVE / "loadtests" / "trigger.yaml").read_text()))
        self._await_ready(BROKER, "default")
        self._await_ready(TRIGGER, "load-ask")

    def all_to_the_older(self) -> None:
        """Lead all traffic to the older digit recogniser, as before a change of split."""
        split(self._cluster, MODEL, parse_split(["v1=100"]))

    def half_to_each(self) -> None:
        """Lead half of the traffic to each digit recogniser."""
        split(self._cluster, MODEL, parse_split(["v1=50", "v2=50"]))

    def await_sleep(self) -> None:
        """Wait until no version has a process."""
        deadline = time.monotonic() + WAIT_SECONDS
        while any(POD_MODEL in labels(pod) for pod in self._cluster.list(POD)):
            if time.monotonic() > deadline:
                raise SystemExit("load: wanted versions that sleep, found processes")
            time.sleep(POLL_SECONDS)

    def _deploy(self, versions: Sequence[tuple[str, int]]) -> None:
        registry = Registry(open_store(self._store))
        options = DeployOptions(image=self._image, start=self._start, store=self._store, wait=False)
        for first in range(0, len(versions), AT_ONCE):
            for model, version in versions[first : first + AT_ONCE]:
                deploy(self._cluster, registry, VersionName(model, version, None), options, lambda _: None)
            for model, version in versions[first : first + AT_ONCE]:
                self._await_ready(SERVICE, f"{model}-v{version}")

    def _await_ready(self, kind: Kind, name: str) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while not is_true(self._cluster.get(kind, name) or {}, "Ready"):
            if time.monotonic() > deadline:
                raise SystemExit(f"load: wanted {kind.kind} {name} to be Ready, found that it is not")
            time.sleep(POLL_SECONDS)


def _start(path: Path, timeout_seconds: int) -> Path:
    """Write the version service that all are made from, and return its file."""
    service: Object = yaml.safe_load((KNATIVE / "base" / "version-service.yaml").read_text())
    template = service["spec"]["template"]
    template["metadata"]["annotations"] |= SOON
    template["spec"] |= {"timeoutSeconds": timeout_seconds} if timeout_seconds else {}
    path.write_text(yaml.safe_dump(service))
    return path


def main() -> None:
    """Deploy what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.deployed", description=__doc__)
    parser.add_argument("--digits", action="store_true", help="both digit recognisers, into a store that has neither")
    parser.add_argument("--tail", type=int, default=0, help="so many models of a long tail")
    parser.add_argument("--store", required=True, help="URL of where versions are")
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--namespace", default="", help="empty takes the kubeconfig's")
    parser.add_argument("--image", default="", help="of version services, as the nodes pull it")
    options = parser.parse_args()
    cluster = Cluster.connect(Source(options.kubeconfig.expanduser()), namespace=options.namespace)
    with tempfile.TemporaryDirectory() as folder, cluster:
        deployed = Deployed(cluster, options.store, Path(folder), options.image)
        if options.digits:
            deployed.deploy_digits()
        if options.tail:
            deployed.deploy_tail(options.tail)


if __name__ == "__main__":
    try:
        main()
    except PoorwillError as error:
        sys.exit(f"load: {error}")
