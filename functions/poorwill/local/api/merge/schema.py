"""Which lists are maps or sets, and which maps are one value, per kind.

The facts are from the OpenAPI documents of Kubernetes 1.35.4, Knative Serving 1.23.0 and Eventing 1.22
(x-kubernetes-list-type, -list-map-keys, -map-type, -preserve-unknown-fields, additionalProperties). What the table
leaves out is plain: an object's fields are merged one by one, a list is one value.
"""

from collections.abc import Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any, NamedTuple

from poorwill.kinds.kind import (
    BROKER,
    CONFIG_MAP,
    CONFIGURATION,
    EVENT,
    JOB,
    JOB_SINK,
    NAMESPACE,
    NETWORK_POLICY,
    PING_SOURCE,
    POD,
    REVISION,
    ROLE,
    ROLE_BINDING,
    ROUTE,
    SECRET,
    SEQUENCE,
    SERVICE,
    SERVICE_ACCOUNT,
    TRIGGER,
    Kind,
    Object,
)

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Shape(NamedTuple):
    """How the values at one place of a kind are merged."""

    fields: Mapping[str, "Shape"] = _NOTHING  # the fields with a shape of their own
    rest: "Shape | None" = None  # the shape of all other fields; None is plain
    named: frozenset[str] | None = None  # the fields that the kind declares; None is each: none is a free key
    keys: tuple[str, ...] = ()  # a list of objects that these fields tell apart
    key_defaults: Mapping[str, str] = _NOTHING  # of keys that an item need not say
    item: "Shape | None" = None
    unique: bool = False  # a list that is a set of scalars
    atomic: bool = False

    def field(self, name: str) -> "Shape":
        """Return the shape of a field's value."""
        return self.fields.get(name) or self.rest or PLAIN

    def declares(self, name: str) -> bool:
        """Return whether the kind names this field, as opposed to a key of a free map, such as a label's."""
        return self.named is None or name in self.named

    @property
    def granular_list(self) -> bool:
        """Return whether a list here is merged item by item."""
        return bool(self.keys) or self.unique

    @property
    def items(self) -> "Shape":
        """Return the shape of a list's items."""
        return self.item or PLAIN


PLAIN = Shape()
ATOMIC = Shape(atomic=True)
SET = Shape(unique=True)
FREE = Shape(named=frozenset())  # labels, data: scalars under any key


def _untyped(depth: int = 8) -> Shape:
    """Return the shape of what a schema takes as it is: free keys all the way down, lists one value."""
    return Shape(named=frozenset(), rest=_untyped(depth - 1)) if depth else FREE


UNTYPED = _untyped()


def _struct(**fields: Shape) -> Shape:
    return Shape(fields=fields)


def _by(*keys: str, item: Shape = PLAIN, **defaults: str) -> Shape:
    return Shape(keys=keys, key_defaults=defaults, item=item)


_METADATA = _struct(labels=FREE, annotations=FREE, finalizers=SET, ownerReferences=_by("uid", item=ATOMIC))
_RESOURCES = _struct(limits=FREE, requests=FREE, claims=_by("name"))
_CONDITIONS = _struct(conditions=_by("type"))

_CONTAINER = _struct(
    env=_by("name", item=_struct(valueFrom=Shape(rest=ATOMIC))),
    ports=_by("containerPort", "protocol", protocol="TCP"),
    volumeMounts=_by("mountPath"),
    volumeDevices=_by("devicePath"),
    resources=_RESOURCES,
    envFrom=PLAIN,
)
_POD_SPEC = _struct(
    containers=_by("name", item=_CONTAINER),
    initContainers=_by("name", item=_CONTAINER),
    ephemeralContainers=_by("name", item=_CONTAINER),
    volumes=_by("name"),
    imagePullSecrets=_by("name", item=ATOMIC),
    hostAliases=_by("ip"),
    schedulingGates=_by("name"),
    topologySpreadConstraints=_by("topologyKey", "whenUnsatisfiable"),
    nodeSelector=ATOMIC,
    overhead=FREE,
    resources=_RESOURCES,
)

# Knative's schema is less exact than a Pod's: containers, their ports and traffic are one value each
_KNATIVE_VOLUME = _struct(
    configMap=ATOMIC,
    csi=UNTYPED,
    emptyDir=UNTYPED,
    ephemeral=UNTYPED,
    hostPath=UNTYPED,
    image=UNTYPED,
    persistentVolumeClaim=UNTYPED,
)
_REVISION_SPEC = _struct(
    affinity=UNTYPED,
    dnsConfig=UNTYPED,
    imagePullSecrets=_by("name", item=ATOMIC),
    nodeSelector=ATOMIC,
    securityContext=UNTYPED,
    volumes=_by("name", item=_KNATIVE_VOLUME),
)
_TEMPLATE_METADATA = Shape(
    fields={"labels": FREE, "annotations": FREE},
    rest=UNTYPED,
    named=frozenset(("annotations", "finalizers", "labels", "name", "namespace")),
)
_TEMPLATED = _struct(template=_struct(metadata=_TEMPLATE_METADATA, spec=_REVISION_SPEC))
_KNATIVE_STATUS = _struct(annotations=FREE)

_DELIVERY_FIELDS = ("backoffDelay", "backoffPolicy", "deadLetterSink", "format", "retry")
_DELIVERY = Shape(rest=UNTYPED, named=frozenset(_DELIVERY_FIELDS), fields={"deadLetterSink": PLAIN})
_TRIGGER_FIELDS = ("broker", "brokerRef", "delivery", "filter", "filters", "subscriber")
_TRIGGER_SPEC = Shape(
    fields={
        "brokerRef": PLAIN,
        "delivery": _DELIVERY,
        "filter": _struct(attributes=UNTYPED),
        "filters": PLAIN,
        "subscriber": PLAIN,
    },
    rest=UNTYPED,
    named=frozenset(_TRIGGER_FIELDS),
)
_JOB_STATUS = _struct(uncountedTerminatedPods=_struct(failed=SET, succeeded=SET))
_JOB_TEMPLATE = _struct(metadata=_METADATA, spec=_POD_SPEC)


def _kind(**fields: Shape) -> Shape:
    return _struct(metadata=_METADATA, **fields)


_SHAPES: Mapping[Kind, Shape] = {
    SERVICE: _kind(spec=_TEMPLATED, status=_KNATIVE_STATUS),
    CONFIGURATION: _kind(spec=_TEMPLATED, status=_KNATIVE_STATUS),
    REVISION: _kind(spec=_REVISION_SPEC, status=_KNATIVE_STATUS),
    ROUTE: _kind(status=_KNATIVE_STATUS),
    NAMESPACE: _kind(status=_CONDITIONS),
    CONFIG_MAP: _kind(data=FREE, binaryData=FREE),
    SECRET: _kind(data=FREE, stringData=FREE),
    SERVICE_ACCOUNT: _kind(secrets=_by("name", item=ATOMIC)),
    POD: _kind(spec=_POD_SPEC, status=_struct(conditions=_by("type"), podIPs=_by("ip"))),
    EVENT: _kind(involvedObject=ATOMIC, related=ATOMIC),
    ROLE: _kind(),
    ROLE_BINDING: _kind(roleRef=ATOMIC),
    NETWORK_POLICY: _kind(spec=_struct(podSelector=ATOMIC)),
    BROKER: _kind(spec=_struct(delivery=_DELIVERY), status=_KNATIVE_STATUS),
    TRIGGER: _kind(spec=_TRIGGER_SPEC, status=_KNATIVE_STATUS),
    SEQUENCE: _kind(spec=_struct(channelTemplate=_struct(spec=UNTYPED)), status=_KNATIVE_STATUS),
    JOB_SINK: _kind(spec=_struct(job=UNTYPED), status=_KNATIVE_STATUS),
    PING_SOURCE: _kind(spec=_struct(ceOverrides=_struct(extensions=UNTYPED)), status=_KNATIVE_STATUS),
    JOB: _kind(spec=_struct(selector=ATOMIC, template=_JOB_TEMPLATE), status=_JOB_STATUS),
}

# what the Go type of a kind holds before anything is set: a field that is equal to it was not set by anybody
_BLANK: Mapping[Kind, Object] = {
    NAMESPACE: {"spec": {}, "status": {}},
    POD: {"spec": {"containers": None}, "status": {}},
    EVENT: {"involvedObject": {}, "source": {}},
    ROLE: {"rules": None},
    ROLE_BINDING: {"roleRef": {"apiGroup": "", "kind": "", "name": ""}},
    NETWORK_POLICY: {"spec": {"podSelector": {}}},
    JOB: {"spec": {"template": {"metadata": {}, "spec": {"containers": None}}}, "status": {}},
}


def shape_of(kind: Kind) -> Shape:
    """Return how objects of a kind are merged."""
    return _SHAPES[kind]


def blank(kind: Kind) -> Object:
    """Return what a new object of a kind is compared with."""
    return {"metadata": {}, **deepcopy(_BLANK.get(kind, {}))}


def ignored(kind: Kind, subresource: str) -> frozenset[str]:
    """Return the top fields that a write to the object, or to its subresource, never changes, and so can't own."""
    if subresource == "status":
        return frozenset(("spec",))
    return frozenset(("status",)) if kind.status or kind == NAMESPACE else frozenset()
