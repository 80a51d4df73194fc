"""A cluster as the ground of a side: a namespace of its own, and images that its nodes pull from a registry."""

import os
import sys
from pathlib import Path
from typing import NamedTuple, Self
from uuid import uuid4

from loadtests.bench.twin.ground import SERVICE_ACCOUNT
from loadtests.comparison.ground import REVISION, Made, Weight, run
from loadtests.comparison.image_build import ImageBuild
from poorwill.delivery.cluster import Cluster
from poorwill.delivery.kubeconfig import Source
from poorwill.kinds.kind import POD
from poorwill.kinds.objects import labels

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL")


class Where(NamedTuple):
    """A cluster, as the command line names it."""

    kubeconfig: Path
    gateway: str  # host:port of its ingress, from this machine
    store: str  # URL of a bucket that this machine and the pods reach
    image: str  # of version services, as the nodes pull it
    registry: str  # host:port/name that this machine pushes to and the nodes pull from


class ClusterPlace:
    """A namespace of a cluster; a context that deletes it.

    Args:
        where: the cluster.
        name: of the side.
        bin_folder: of an environment that has Poorwill.
        folder: an empty one, in which commands are given.
        build: how images are built.
    """

    patience_seconds = 40.0

    def __init__(self, where: Where, name: str, bin_folder: Path, folder: Path, build: ImageBuild) -> None:
        self.folder, self.gateway, self.image = folder, where.gateway, where.image
        folder.mkdir()
        mark = uuid4().hex[:8]
        self.store = f"{where.store.rstrip('/')}/{name}-{mark}"
        self._namespace = f"comparison-{name}-{mark}"
        self._registry, self._bin, self._build = where.registry, bin_folder, build
        self._kubeconfig = folder / "kubeconfig"
        self._kubeconfig.touch(0o600)
        self._kubeconfig.write_bytes(where.kubeconfig.read_bytes())
        self.cluster = Cluster.connect(Source(self._kubeconfig), namespace=self._namespace)

    def __enter__(self) -> Self:
        try:
            self.kubectl("create", "namespace", self._namespace)
            # so that no command has to name it
            self.kubectl("config", "set-context", "--current", f"--namespace={self._namespace}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.cluster.close()
        self.kubectl("delete", "namespace", self._namespace, "--wait=false", "--ignore-not-found")

    def command(self, *arguments: str) -> str:
        """Give one of Poorwill's commands, and return what it says."""
        settings = {"KUBECONFIG": str(self._kubeconfig), "POORWILL_IMAGE": self.image}
        return run([str(self._bin / "poorwill"), *arguments], self.folder, settings)

    def kubectl(self, *arguments: str) -> str:
        """Give one of kubectl's commands, and return what it says."""
        kubectl = str(Path(sys.executable).with_name("kubectl"))
        return run([kubectl, "--kubeconfig", str(self._kubeconfig), *arguments], self.folder)

    def furnish(self) -> None:
        """Make the account, and say where versions are and by which keys."""
        region = os.environ.get("AWS_REGION", "us-east-1")
        where = {"POORWILL_STORE": self.store, "AWS_REGION": region}
        keys = {name: os.environ[name] for name in KEYS if name in os.environ}
        named = {"metadata": {"name": "poorwill-store"}}
        self.cluster.apply({"apiVersion": "v1", "kind": "ConfigMap", **named, "data": where})
        self.cluster.apply({"apiVersion": "v1", "kind": "Secret", **named, "stringData": keys})
        self.cluster.apply(SERVICE_ACCOUNT)

    def make_image(self, folder: Path) -> Made:
        """Build it and push it, for a node to pull."""
        name = f"{self._registry}/{folder.name}:1"
        build_seconds = self._build.build(folder, name)
        reference, push_seconds = self._build.push(name)
        return Made(reference, {"build": build_seconds, "push": push_seconds})

    def kill(self, revision: str) -> None:
        """Delete its pod without grace: from outside a container nothing else ends its first process at once."""
        pod = next(pod for pod in self.cluster.list(POD) if labels(pod).get(REVISION, "").startswith(revision))
        self.kubectl("delete", "pod", pod["metadata"]["name"], "--grace-period=0", "--force", "--wait=false")

    def weigh(self) -> Weight:
        """Return how many pods there are; their memory is the node's to tell."""
        return Weight(len(self.cluster.list(POD)), None)
