"""What every version service of a namespace shares, made where it is missing: the account and where the store is."""

from collections.abc import Iterable
from pathlib import Path

from poorwill.delivery.cluster import Cluster
from poorwill.delivery.manifests import shared_objects
from poorwill.delivery.waiting import Progress
from poorwill.errors import Fault, UsageError
from poorwill.kinds.kind import CONFIG_MAP, Kind
from poorwill.store.location import parse_location

_STORE = "POORWILL_STORE"
_TWIN_INGRESS = "twin.poorwill.dev"


def furnish(
    cluster: Cluster, missing: Iterable[tuple[Kind, str]], store: str, progress: Progress, *, dry_run: bool = False
) -> None:
    """Make what is missing and knative/base has: the ServiceAccount, and the ConfigMap that names the store.

    Args:
        cluster: where.
        missing: kinds and names.
        store: URL that the ConfigMap gets.
        progress: told what is made.
        dry_run: make nothing.

    Raises:
        UsageError: a folder as store, which the pods of a cluster can't reach.
    """
    for kind, name in missing:
        obj = shared_objects().get((kind, name))
        if obj is None:
            continue
        if kind is CONFIG_MAP:
            obj["data"][_STORE] = _reachable(cluster, store)
        obj["metadata"]["namespace"] = cluster.namespace
        cluster.apply(obj, dry_run=dry_run)
        progress(f"{kind.kind} {name}: {'would be made' if dry_run else 'made'}, as there was none")


def _reachable(cluster: Cluster, store: str) -> str:
    location = parse_location(store)
    if isinstance(location, str):
        network = cluster.get(CONFIG_MAP, "config-network", namespace="knative-serving") or {}
        if network.get("data", {}).get("ingress-class") != _TWIN_INGRESS:
            advice = "push to a bucket and name it with --store, or make the ConfigMap poorwill-store yourself"
            raise UsageError(
                Fault("--store", "a store that the cluster's pods reach", "a folder of this machine", advice)
            )
        return str(Path(location).resolve())
    return store
