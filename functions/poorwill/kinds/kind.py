"""The table of kinds: how each is named, found and shown. Discovery, clients and Tables are all made from it."""

from typing import Any, NamedTuple

Object = dict[str, Any]
"""One Kubernetes object as its JSON has it."""


class Column(NamedTuple):
    """One column of `kubectl get`: where its value lies in the object, as a JSONPath."""

    name: str
    path: str
    type: str = "string"
    priority: int = 0  # 1: only with -o wide


class Kind(NamedTuple):
    """One kind of one API group and version."""

    group: str  # "" is the core group
    version: str
    kind: str
    plural: str
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    namespaced: bool = True
    status: bool = False  # has a status subresource
    columns: tuple[Column, ...] = ()

    @property
    def api_version(self) -> str:
        """Return what an object of this kind says as apiVersion."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def custom(self) -> bool:
        """Return whether a real cluster has it from a CustomResourceDefinition."""
        return self.group.endswith(".knative.dev")

    @property
    def singular(self) -> str:
        """Return the word for one of it."""
        return self.kind.lower()


class Key(NamedTuple):
    """Which object: its kind, its namespace ("" where it has none) and its name."""

    kind: Kind
    namespace: str
    name: str


_READY = ".status.conditions[?(@.type=='Ready')].status"
_REASON = ".status.conditions[?(@.type=='Ready')].reason"
_KNATIVE = ("all", "knative", "serving")
_AGE = Column("Age", ".metadata.creationTimestamp", "date")

SERVICE = Kind(
    "serving.knative.dev",
    "v1",
    "Service",
    "services",
    ("kservice", "ksvc"),
    _KNATIVE,
    status=True,
    columns=(
        Column("URL", ".status.url"),
        Column("LatestCreated", ".status.latestCreatedRevisionName"),
        Column("LatestReady", ".status.latestReadyRevisionName"),
        Column("Ready", _READY),
        Column("Reason", _REASON),
    ),
)
CONFIGURATION = Kind(
    "serving.knative.dev",
    "v1",
    "Configuration",
    "configurations",
    ("config", "cfg"),
    _KNATIVE,
    status=True,
    columns=(
        Column("LatestCreated", ".status.latestCreatedRevisionName"),
        Column("LatestReady", ".status.latestReadyRevisionName"),
        Column("Ready", _READY),
        Column("Reason", _REASON),
    ),
)
REVISION = Kind(
    "serving.knative.dev",
    "v1",
    "Revision",
    "revisions",
    ("rev",),
    _KNATIVE,
    status=True,
    columns=(
        Column("Config Name", r".metadata.labels['serving\.knative\.dev/configuration']"),
        Column("Generation", r".metadata.labels['serving\.knative\.dev/configurationGeneration']"),
        Column("Ready", _READY),
        Column("Reason", _REASON),
        Column("Actual Replicas", ".status.actualReplicas", "integer"),
        Column("Desired Replicas", ".status.desiredReplicas", "integer"),
    ),
)
ROUTE = Kind(
    "serving.knative.dev",
    "v1",
    "Route",
    "routes",
    ("rt",),
    _KNATIVE,
    status=True,
    columns=(
        Column("URL", ".status.url"),
        Column("Ready", _READY),
        Column("Reason", _REASON),
    ),
)
NAMESPACE = Kind(
    "", "v1", "Namespace", "namespaces", ("ns",), namespaced=False, columns=(Column("Status", ".status.phase"), _AGE)
)
CONFIG_MAP = Kind("", "v1", "ConfigMap", "configmaps", ("cm",), columns=(_AGE,))
SECRET = Kind("", "v1", "Secret", "secrets", columns=(Column("Type", ".type"), _AGE))
SERVICE_ACCOUNT = Kind("", "v1", "ServiceAccount", "serviceaccounts", ("sa",), columns=(_AGE,))
POD = Kind("", "v1", "Pod", "pods", ("po",), ("all",), status=True)
EVENT = Kind("", "v1", "Event", "events", ("ev",))
ROLE = Kind("rbac.authorization.k8s.io", "v1", "Role", "roles", columns=(_AGE,))
ROLE_BINDING = Kind("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", columns=(_AGE,))
NETWORK_POLICY = Kind("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", ("netpol",), columns=(_AGE,))
_READINESS = tuple(
    Column(name, f'.status.conditions[?(@.type=="Ready")].{name_there}')
    for name, name_there in (("Ready", "status"), ("Reason", "reason"))
)
_ADDRESSED = (Column("URL", ".status.address.url"), _AGE, *_READINESS)
_EVENTING = ("all", "knative", "eventing")

BROKER = Kind(
    "eventing.knative.dev",
    "v1",
    "Broker",
    "brokers",
    categories=_EVENTING,
    status=True,
    columns=(*_ADDRESSED, Column("Class", r".metadata.annotations.eventing\.knative\.dev/broker\.class", priority=1)),
)
TRIGGER = Kind(
    "eventing.knative.dev",
    "v1",
    "Trigger",
    "triggers",
    categories=_EVENTING,
    status=True,
    columns=(
        Column("Broker", ".spec.broker"),
        Column("Subscriber_URI", ".status.subscriberUri"),
        _AGE,
        *_READINESS,
    ),
)
SEQUENCE = Kind(
    "flows.knative.dev",
    "v1",
    "Sequence",
    "sequences",
    categories=("all", "knative", "flows"),
    status=True,
    columns=_ADDRESSED,
)
JOB_SINK = Kind(
    "sinks.knative.dev",
    "v1alpha1",
    "JobSink",
    "jobsinks",
    categories=(*_EVENTING, "sink"),
    status=True,
    columns=_ADDRESSED,
)
PING_SOURCE = Kind(
    "sources.knative.dev",
    "v1",
    "PingSource",
    "pingsources",
    categories=("all", "knative", "sources"),
    status=True,
    columns=(
        Column("Sink", ".status.sinkUri"),
        Column("Schedule", ".spec.schedule"),
        _AGE,
        Column("Ready", _READY),
        Column("Reason", _REASON),
    ),
)
JOB = Kind("batch", "v1", "Job", "jobs", categories=("all",), status=True)
INGRESS = Kind("networking.internal.knative.dev", "v1alpha1", "Ingress", "ingresses", ("kingress",), status=True)
PLACEHOLDER = Kind("", "v1", "Service", "services")

KINDS = (
    SERVICE,
    CONFIGURATION,
    REVISION,
    ROUTE,
    NAMESPACE,
    CONFIG_MAP,
    SECRET,
    SERVICE_ACCOUNT,
    POD,
    EVENT,
    ROLE,
    ROLE_BINDING,
    NETWORK_POLICY,
    BROKER,
    TRIGGER,
    SEQUENCE,
    JOB_SINK,
    PING_SOURCE,
    JOB,
)

KEPT_KINDS = (INGRESS, PLACEHOLDER)
"""What the twin keeps for itself and serves to nobody: what a Route has programmed, and the names that it holds."""

_BY_NAME = {(kind.api_version, kind.kind): kind for kind in (*KINDS, *KEPT_KINDS)}
_BY_PLURAL = {(kind.group, kind.version, kind.plural): kind for kind in KINDS}


def named(api_version: str, kind: str) -> Kind | None:
    """Return the kind that an object's apiVersion and kind mean."""
    return _BY_NAME.get((api_version, kind))


def served_at(group: str, version: str, plural: str) -> Kind | None:
    """Return the kind that a request's path means."""
    return _BY_PLURAL.get((group, version, plural))


def kind_of(obj: Object) -> Kind:
    """Return an object's kind; KeyError for one that is not in the table."""
    return _BY_NAME[obj["apiVersion"], obj["kind"]]


def key_of(obj: Object) -> Key:
    """Return which object this is."""
    kind, metadata = kind_of(obj), obj["metadata"]
    return Key(kind, metadata.get("namespace", "") if kind.namespaced else "", metadata["name"])
