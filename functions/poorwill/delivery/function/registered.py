"""A version that was registered is deployed, once: what is there already is waited for, and never changed."""

from typing import NamedTuple

from poorwill.delivery.cluster import Cluster
from poorwill.delivery.deploy import Deployed, DeployOptions, await_version, deploy
from poorwill.delivery.function.bodies import Registered
from poorwill.delivery.manifests import service_name
from poorwill.delivery.split import carry_out, plan_split, spec_traffic
from poorwill.delivery.traffic import Split, joined, split_of
from poorwill.delivery.waiting import Progress
from poorwill.errors import Fault, InvalidRequestError
from poorwill.kinds.kind import ROUTE, SERVICE
from poorwill.registry.names import check_model_name
from poorwill.registry.records import VersionName
from poorwill.registry.registry import Registry


class Ground(NamedTuple):
    """Where versions come from and where they go."""

    cluster: Cluster
    registry: Registry


def deploy_registered(
    ground: Ground, data: Registered, options: DeployOptions, progress: Progress, *, newest_only: bool = False
) -> Deployed:
    """Return a registered version once it is Ready and its model's Route has a tag for it.

    However often and however late an event comes: a version that has a Service keeps it as it is, and one that the
    Route names keeps its share, whatever people have made of both since. With `newest_only`, one that is older than
    a version of the Route gets no traffic: an old event is no way back.

    Raises:
        InvalidRequestError: data that can't be meant.
        PoorwillError: as deploy and split do.
    """
    name = _checked(ground.registry, data)
    cluster = ground.cluster
    if cluster.get(SERVICE, service_name(data.model, data.version)) is None:
        done = deploy(cluster, ground.registry, name, options, progress)
    else:
        done = await_version(cluster, ground.registry, name, options, progress)
    route = cluster.get(ROUTE, data.model)
    now = split_of(data.model, spec_traffic(route)) if route else Split(())
    if data.version in now.versions:
        return done
    percent = 0 if newest_only and data.version < max(now.versions, default=0) else data.percent
    plan = plan_split(cluster, data.model, joined(now, data.version, percent))
    moved = carry_out(cluster, plan, timeout_seconds=options.timeout_seconds, progress=progress)
    return done._replace(traffic=moved.after, route_url=moved.url)


def _checked(registry: Registry, data: Registered) -> VersionName:
    """Return which version the data means, if there is such a one."""
    faults = []
    if data.version < 1:
        faults.append(Fault("data.version", "a number from 1", "a lower one", "send the version that was registered"))
    if not 0 <= data.percent <= 100:
        faults.append(Fault("data.percent", "0 to 100 percent", "another number", "leave it out for 0"))
    if faults:
        raise InvalidRequestError(*faults)
    name = VersionName(check_model_name(data.model), data.version, None)
    record = registry.resolve(name)
    if data.digest and data.digest != record.blob.digest:
        fault = Fault("data.digest", f"that of {record.name} in the store", "another", "look which store it went to")
        raise InvalidRequestError(fault)
    return name
