"""Which structure each kind has."""

from poorwill.kinds import core, eventing, job, serving
from poorwill.kinds.kind import Object, kind_of

_STRUCTURES: dict[str, type[core.KubernetesObject]] = {
    "Service": serving.Service,
    "Configuration": serving.Configuration,
    "Revision": serving.Revision,
    "Route": serving.Route,
    "Namespace": core.Namespace,
    "ConfigMap": core.ConfigMap,
    "Secret": core.Secret,
    "ServiceAccount": core.ServiceAccount,
    "Pod": core.Pod,
    "Event": core.Event,
    "Role": core.Role,
    "RoleBinding": core.RoleBinding,
    "NetworkPolicy": core.NetworkPolicy,
    "Broker": eventing.Broker,
    "Trigger": eventing.Trigger,
    "Sequence": eventing.Sequence,
    "JobSink": eventing.JobSink,
    "PingSource": eventing.PingSource,
    "Job": job.Job,
}


def structure_of(obj: Object) -> type[core.KubernetesObject]:
    """Return the structure of an object's kind; KeyError for a kind that is not in the table."""
    return _STRUCTURES[kind_of(obj).kind]
