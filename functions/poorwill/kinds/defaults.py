"""What the server and Knative's webhooks write into an object that does not say it.

Serving's kinds are here: SetDefaults of knative/serving 1.23.0.
"""

import copy
from typing import Any

from poorwill.kinds import core_defaults, eventing_defaults, quantity, structure
from poorwill.kinds.kind import CONFIGURATION, REVISION, ROUTE, SERVICE, Object, kind_of
from poorwill.kinds.structures import structure_of

TIMEOUT_SECONDS = 300
RESPONSE_START_TIMEOUT_SECONDS = 300
CONTAINER_NAME = "user-container"
_SERVING = (SERVICE, CONFIGURATION, REVISION, ROUTE)
_HANDLERS = ("tcpSocket", "httpGet", "exec", "grpc")
_WRITABLE_VOLUMES = ("emptyDir", "persistentVolumeClaim", "ephemeral")


def default(obj: Object, old: Object | None, *, user: str) -> Object:
    """Return a defaulted copy of an object without departures from its structure."""
    kind = kind_of(obj)
    # the server reads the object into Go's types and writes it again: what is empty vanishes before a default is set
    result: Object = structure.written(structure.read(obj, structure_of(obj)))
    if "status" in obj:
        result["status"] = copy.deepcopy(obj["status"])
    if not kind.custom:
        return core_defaults.default(result)
    if kind not in _SERVING:
        eventing_defaults.default(result)
        if user:
            _sign(result, old, user)
        return result
    spec = result["spec"]
    if kind in {SERVICE, CONFIGURATION} and not _same_name(spec, old):
        _template(spec["template"], created=old is None)
    if kind == REVISION:
        _revision(spec, created=old is None)
    if kind == SERVICE and not spec.get("traffic"):
        spec["traffic"] = [{"percent": 100, "latestRevision": True}]
    for target in spec.get("traffic") or ():
        target.setdefault("latestRevision", "revisionName" not in target)
        target.setdefault("percent", 0)
    if user and (kind == SERVICE or (kind != REVISION and not result["metadata"].get("ownerReferences"))):
        _sign(result, old, user)
    return result


def _sign(obj: Object, old: Object | None, user: str) -> None:
    if old is not None and old.get("spec") == obj["spec"]:
        return
    annotations, group = obj["metadata"].setdefault("annotations", {}), kind_of(obj).group
    if old is None:
        annotations[f"{group}/creator"] = user
    annotations[f"{group}/lastModifier"] = user


def _same_name(spec: Object, old: Object | None) -> bool:
    """Return whether the template keeps a name that its user chose: then nothing may be added to it."""
    name = (spec["template"].get("metadata") or {}).get("name")
    before = (((old or {}).get("spec") or {}).get("template") or {}).get("metadata") or {}
    return bool(name) and name == before.get("name")


def _template(template: Object, *, created: bool) -> None:
    if "spec" in template:
        _revision(template["spec"], created=created)


def _revision(spec: Object, *, created: bool) -> None:
    if not spec.get("timeoutSeconds"):
        spec["timeoutSeconds"] = TIMEOUT_SECONDS
    if spec["timeoutSeconds"] > RESPONSE_START_TIMEOUT_SECONDS:
        spec.setdefault("responseStartTimeoutSeconds", RESPONSE_START_TIMEOUT_SECONDS)
    spec.setdefault("containerConcurrency", 0)
    containers = spec["containers"]
    _name(containers)
    for volume in spec.get("volumes") or ():
        if "sizeLimit" in volume.get("emptyDir", ()):
            volume["emptyDir"]["sizeLimit"] = quantity.canonical_or_same(volume["emptyDir"]["sizeLimit"])
    writable = {
        volume["name"] for volume in spec.get("volumes") or () if any(source in volume for source in _WRITABLE_VOLUMES)
    }
    if created:
        spec.setdefault("enableServiceLinks", False)
    for container in containers:
        if len(containers) == 1 or container.get("ports"):
            _default_readiness(container)
        _probes(container)
        _container(container, writable)


def _container(container: Object, writable: set[str]) -> None:
    for port in container.get("ports") or ():
        port.setdefault("protocol", "TCP")
    for mount in container.get("volumeMounts") or ():
        if mount["name"] not in writable:
            mount["readOnly"] = True
    for amounts in container["resources"].values():
        amounts.update({name: quantity.canonical_or_same(amount) for name, amount in amounts.items()})


def _name(containers: list[Any]) -> None:
    """Give each container without a name one that no other has."""
    taken = {container["name"] for container in containers}
    number = 0
    for container in containers:
        if container["name"]:
            continue
        name = CONTAINER_NAME
        while len(containers) > 1 or name in taken:
            name = f"{CONTAINER_NAME}-{number}"
            number += 1
            if name not in taken:
                break
        container["name"] = name


def _default_readiness(container: Object) -> None:
    probe = container.setdefault("readinessProbe", {})
    if not any(handler in probe for handler in _HANDLERS):
        probe["tcpSocket"] = {"port": 0}


def _probes(container: Object) -> None:
    readiness = container.get("readinessProbe")
    if readiness is not None:
        readiness.setdefault("successThreshold", 1)
        if readiness.get("periodSeconds"):
            readiness.setdefault("failureThreshold", 3)
            readiness.setdefault("timeoutSeconds", 1)
    for name in ("readinessProbe", "livenessProbe", "startupProbe"):
        grpc = container.get(name, {}).get("grpc")
        if grpc is not None:
            grpc.setdefault("service", "")
