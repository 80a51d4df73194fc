"""Looks at a cluster's pods while load runs: processes that take requests, by version, and what they cost."""

import time
from pathlib import Path
from typing import NamedTuple

import yaml

from loadtests.timeline import Seen
from poorwill.delivery.cluster import Cluster
from poorwill.delivery.kubeconfig import Source
from poorwill.kinds import quantity
from poorwill.kinds.kind import POD, Object
from poorwill.kinds.objects import is_true, labels

PRICES = Path(__file__).with_name("prices.yaml")
MODEL, VERSION = "poorwill.dev/model", "poorwill.dev/version"
GIB_BYTES, HOUR_SECONDS = 1 << 30, 3600


class Prices(NamedTuple):
    """What is paid for what a pod asks for."""

    usd_per_cpu_hour: float
    usd_per_gib_hour: float

    def usd_per_second(self, cpus: float, memory_bytes: float) -> float:
        """Return what a pod costs that asks for so much."""
        hour = cpus * self.usd_per_cpu_hour + memory_bytes / GIB_BYTES * self.usd_per_gib_hour
        return hour / HOUR_SECONDS


def prices(path: Path = PRICES) -> Prices:
    """Return the prices of a file; a name that is missing or unknown is a TypeError."""
    return Prices(**yaml.safe_load(path.read_text()))


def connect(kubeconfig: str, namespace: str) -> Cluster:
    """Return the cluster of a kubeconfig; "pod" is the one around this pod."""
    return Cluster.connect(Source(None if kubeconfig == "pod" else Path(kubeconfig)), namespace=namespace)


def look(cluster: Cluster, paid: Prices) -> Seen:
    """Return which versions have processes now, and what they cost."""
    pods = [pod for pod in cluster.list(POD) if MODEL in labels(pod) and is_true(pod, "Ready")]
    counted: dict[str, int] = {}
    usd: dict[str, float] = {}
    for pod in pods:
        version = f"{labels(pod)[MODEL]}@{labels(pod)[VERSION]}"
        counted[version] = counted.get(version, 0) + 1
        usd[version] = usd.get(version, 0.0) + _usd_per_second(pod, paid)
    return Seen(time.time(), counted, usd)


def _usd_per_second(pod: Object, paid: Prices) -> float:
    asked = [container.get("resources", {}).get("requests", {}) for container in pod["spec"]["containers"]]
    cpus = sum(quantity.cpus(each.get("cpu", 0)) for each in asked)
    return paid.usd_per_second(cpus, sum(quantity.whole_bytes(each.get("memory", 0)) for each in asked))
