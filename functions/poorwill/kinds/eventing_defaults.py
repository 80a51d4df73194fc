"""What Knative Eventing's webhook writes into an object that does not say it: SetDefaults of knative/eventing 1.22.

With the ConfigMaps as they are delivered: a Broker is of channels in memory, and delivers ten times more.
"""

from collections.abc import Callable

from poorwill.kinds.eventing_rules import BROKER_CLASS
from poorwill.kinds.job_defaults import write_amounts
from poorwill.kinds.kind import Object

CHANNEL = {"kind": "InMemoryChannel", "apiVersion": "messaging.knative.dev/v1"}
BROKER_LABEL = "eventing.knative.dev/broker"
EXECUTION_MODE = "K_EXECUTION_MODE"
_CLASS = "MTChannelBasedBroker"
_CONFIG = {
    "kind": "ConfigMap",
    "namespace": "knative-eventing",
    "name": "config-br-default-channel",
    "apiVersion": "v1",
}
_DELIVERY = {"retry": 10, "backoffPolicy": "exponential", "backoffDelay": "PT0.2S"}
_EVERY_MINUTE = "* * * * *"


def default(obj: Object) -> None:
    """Write into an object what it does not say."""
    _DEFAULTS[obj["kind"]](obj, obj["metadata"].get("namespace", ""))


def _broker(obj: Object, namespace: str) -> None:
    spec = obj["spec"]
    _place(spec.setdefault("config", dict(_CONFIG)), namespace)
    _deliver(spec.setdefault("delivery", dict(_DELIVERY)), namespace)
    obj["metadata"].setdefault("annotations", {}).setdefault(BROKER_CLASS, _CLASS)


def _trigger(obj: Object, namespace: str) -> None:
    spec = obj["spec"]
    spec.setdefault("filter", {})
    _aim(spec["subscriber"], namespace)
    _deliver(spec.get("delivery", {}), namespace)
    if "broker" in spec:
        obj["metadata"].setdefault("labels", {})[BROKER_LABEL] = spec["broker"]


def _sequence(obj: Object, namespace: str) -> None:
    spec = obj["spec"]
    spec.setdefault("channelTemplate", dict(CHANNEL))
    for destination in (*spec.get("steps", ()), spec.get("reply", {})):
        _aim(destination, namespace)


def _job_sink(obj: Object, namespace: str) -> None:
    del namespace
    if "job" not in obj["spec"]:
        return
    pod = obj["spec"]["job"]["spec"]["template"]["spec"]
    write_amounts(pod)
    for container in (*pod.get("containers", ()), *pod.get("initContainers", ())):
        variables = container.setdefault("env", [])
        if not any(variable["name"] == EXECUTION_MODE for variable in variables):
            variables.append({"name": EXECUTION_MODE, "value": "batch"})


def _ping_source(obj: Object, namespace: str) -> None:
    del namespace  # a sink's is found out later
    obj["spec"].setdefault("schedule", _EVERY_MINUTE)


def _aim(destination: Object, namespace: str) -> None:
    if "ref" in destination:
        _place(destination["ref"], namespace)


def _place(reference: Object, namespace: str) -> None:
    if namespace:
        reference.setdefault("namespace", namespace)


def _deliver(delivery: Object, namespace: str) -> None:
    _aim(delivery.get("deadLetterSink", {}), namespace)


_DEFAULTS: dict[str, Callable[[Object, str], None]] = {
    "Broker": _broker,
    "Trigger": _trigger,
    "Sequence": _sequence,
    "JobSink": _job_sink,
    "PingSource": _ping_source,
}
