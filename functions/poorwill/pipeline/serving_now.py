"""Which version of a model serves now: what its Route sends most to, else what an alias or the newest number says."""

from typing import NamedTuple

from poorwill.delivery.cluster import Cluster
from poorwill.delivery.kubeconfig import choose
from poorwill.delivery.split import spec_traffic
from poorwill.delivery.traffic import split_of
from poorwill.errors import NotFoundError, PoorwillError
from poorwill.kinds.kind import ROUTE
from poorwill.registry.records import VersionName, VersionRecord
from poorwill.registry.registry import Registry
from poorwill.settings import Settings

CHAMPION = "champion"


class ServingNow(NamedTuple):
    """A version, and how it is known that it serves."""

    record: VersionRecord
    known_by: str


def serving_now(registry: Registry, model: str, settings: Settings) -> ServingNow | None:
    """Return the version that serves, None where the model has none.

    A cluster is asked where one is at hand; one that does not answer is no reason to stop, and the answer says so.
    """
    try:
        summary = registry.versions(model)
    except NotFoundError:
        return None
    number, known_by = _by_route(model, settings)
    live = {entry.version for entry in summary.versions}
    if number not in live:
        why, number = known_by, summary.aliases.get(CHAMPION, 0)
        known_by = f"the alias {CHAMPION}: {why}"
        if number not in live:
            number, known_by = max(live), f"the newest version: {why}, and there is no alias {CHAMPION}"
    return ServingNow(registry.resolve(VersionName(model, number, None)), known_by)


def _by_route(model: str, settings: Settings) -> tuple[int, str]:
    """Return the version that the Route sends most to, and how much; 0, and why there is none."""
    try:
        source = choose(settings.kubeconfig, "", settings.twin)
    except PoorwillError:
        return 0, "no cluster is at hand"
    try:
        with Cluster.connect(source, namespace=settings.namespace) as cluster:
            route = cluster.get(ROUTE, model)
    except PoorwillError as error:
        return 0, f"the cluster did not tell ({error.title.lower()})"
    shares = split_of(model, spec_traffic(route)).shares if route else ()
    most = max(shares, key=lambda share: share.percent, default=None)
    if most is None or not most.percent:
        return 0, f"no Route {model} sends to a version"
    return most.version, f"the Route {model}, which sends it {most.percent} %"
