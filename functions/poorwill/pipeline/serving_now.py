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
        number = summary.aliases.get(CHAMPION, 0)
        known_by = f"the alias {CHAMPION}"
    if number not in live:
        number, known_by = max(live), "the newest version: no Route and no alias champion is there"
    return ServingNow(registry.resolve(VersionName(model, number, None)), known_by)


def _by_route(model: str, settings: Settings) -> tuple[int, str]:
    try:
        source = choose(settings.kubeconfig, "", settings.twin)
        with Cluster.connect(source, namespace=settings.namespace) as cluster:
            route = cluster.get(ROUTE, model)
    except PoorwillError:
        return 0, ""
    shares = split_of(model, spec_traffic(route)).shares if route else ()
    if not shares:
        return 0, ""
    most = max(shares, key=lambda share: share.percent)
    return most.version, f"the Route {model}, which sends it {most.percent} %"
