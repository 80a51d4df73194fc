"""Back to the last good split: one write to the Route, planned first so that it can be shown."""

from poorwill.delivery.cluster import Cluster
from poorwill.delivery.history import history_of, last_good
from poorwill.delivery.split import (
    ROUTE_SECONDS,
    Changed,
    Plan,
    carry_out,
    servable,
    silent,
    spec_traffic,
    version_services,
)
from poorwill.delivery.traffic import changed, split_of
from poorwill.delivery.waiting import Progress
from poorwill.errors import Fault, NotFoundError
from poorwill.kinds.kind import ROUTE
from poorwill.registry.names import check_model_name


def plan_rollback(cluster: Cluster, model: str) -> Plan:
    """Return the change that brings back the newest good split that differs from the one there is.

    Raises:
        NotFoundError: no Route of that model, or no good split before this one.
        ConflictError: the Route names something that is no version of the model.
    """
    route = cluster.get(ROUTE, check_model_name(model))
    if route is None:
        raise NotFoundError(Fault(f"Route {model}", "a model with traffic", "none", "`poorwill status` lists them"))
    now = split_of(model, spec_traffic(route))
    serving = {version: servable(service) for version, service in version_services(cluster, model).items()}
    deployed = {version for version, serves in serving.items() if serves}
    good, history = last_good(history_of(route), now, deployed)
    # versions that came later keep their tags; of the good split's own, those of 0 % may have gone
    wanted = good._replace(shares=tuple(share for share in good.shares if share.version in deployed))
    change = changed(now, wanted, serving)
    return Plan(model, route, now, change.split, change.dropped, history)


def rollback(
    cluster: Cluster,
    model: str,
    *,
    dry_run: bool = False,
    timeout_seconds: float = ROUTE_SECONDS,
    progress: Progress = silent,
) -> Changed:
    """Bring back the last good split; raises as plan_rollback and split do."""
    plan = plan_rollback(cluster, model)
    return carry_out(cluster, plan, dry_run=dry_run, timeout_seconds=timeout_seconds, progress=progress)
