"""What the API server writes into a Job that does not say it: k8s.io/kubernetes 1.35, pkg/apis/{batch,core}/v1."""

from poorwill.kinds import quantity
from poorwill.kinds.image_reference import tag
from poorwill.kinds.kind import Object

NAME_LABELS = ("job-name", "batch.kubernetes.io/job-name")
UID_LABELS = ("controller-uid", "batch.kubernetes.io/controller-uid")

_GRACE_SECONDS = 30
_MODE = 0o644  # of files that are made of keys
_TOKEN_SECONDS = 3600
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_LARGEST = 2**31 - 1


def default(obj: Object) -> Object:
    """Return a defaulted Job; it is the same one, changed."""
    default_spec(obj["spec"])
    obj.setdefault("status", {})
    return obj


def default_spec(spec: Object) -> None:
    """Write into a Job's spec what it does not say."""
    if "parallelism" not in spec:
        spec["parallelism"] = 1
        spec.setdefault("completions", 1)
    spec.setdefault("backoffLimit", _LARGEST if "backoffLimitPerIndex" in spec else 6)
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    spec.setdefault("podReplacementPolicy", "Failed" if "podFailurePolicy" in spec else "TerminatingOrFailed")
    spec.setdefault("manualSelector", False)
    for rule in spec.get("podFailurePolicy", {}).get("rules") or ():
        for pattern in rule.get("onPodConditions") or ():
            pattern["status"] = pattern.get("status") or "True"
    _pod(spec["template"]["spec"])


def selected(obj: Object, uid: str) -> Object:
    """Return a new Job with the labels of its pods, its own where it has none, and the selector that finds them."""
    spec, metadata = obj["spec"], obj["metadata"]
    template = spec["template"]
    given = (template.get("metadata") or {}).get("labels") or {}
    labels = given
    if not spec.get("manualSelector"):
        own = {**dict.fromkeys(NAME_LABELS, metadata["name"]), **dict.fromkeys(UID_LABELS, uid)}
        labels = {**own, **given}
        template = {**template, "metadata": {**(template.get("metadata") or {}), "labels": labels}}
        spec = {**spec, "template": template, "selector": {"matchLabels": {UID_LABELS[1]: uid}}}
    if labels and not metadata.get("labels"):
        metadata = {**metadata, "labels": dict(labels)}
    return {**obj, "metadata": metadata, "spec": spec}


def write_amounts(pod: Object) -> None:
    """Write a pod's amounts in the server's own form, as reading them into Go's types and writing them does."""
    for container in (*pod.get("containers", ()), *pod.get("initContainers", ())):
        for name in ("limits", "requests"):
            amounts = container["resources"].get(name, {})
            amounts.update({name: quantity.canonical_or_same(amount) for name, amount in amounts.items()})
    for volume in pod.get("volumes", ()):
        directory = volume.get("emptyDir", {})
        if "sizeLimit" in directory:
            directory["sizeLimit"] = quantity.canonical_or_same(directory["sizeLimit"])


def _pod(pod: Object) -> None:
    write_amounts(pod)
    pod["dnsPolicy"] = pod.get("dnsPolicy") or "ClusterFirst"
    pod["restartPolicy"] = pod.get("restartPolicy") or "Always"
    pod["schedulerName"] = pod.get("schedulerName") or "default-scheduler"
    pod.setdefault("securityContext", {})
    pod.setdefault("terminationGracePeriodSeconds", _GRACE_SECONDS)
    account = pod.get("serviceAccountName") or pod.get("serviceAccount")
    if account:
        pod |= {"serviceAccountName": account, "serviceAccount": account}
    for container in (*pod.get("containers", ()), *pod.get("initContainers", ())):
        _container(container)
    for volume in pod.get("volumes", ()):
        _volume(volume)


def _container(container: Object) -> None:
    if not container.get("imagePullPolicy"):
        container["imagePullPolicy"] = "Always" if tag(container.get("image", "")) == "latest" else "IfNotPresent"
    container["terminationMessagePath"] = container.get("terminationMessagePath") or "/dev/termination-log"
    container["terminationMessagePolicy"] = container.get("terminationMessagePolicy") or "File"
    for port in container.get("ports", ()):
        port["protocol"] = port.get("protocol") or "TCP"
    for variable in container.get("env", ()):
        _field_reference(variable.get("valueFrom", {}))
    for name in _PROBES:
        if name in container:
            _probe(container[name])


def _probe(probe: Object) -> None:
    for name, value in (("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)):
        probe[name] = probe.get(name) or value
    if "httpGet" in probe:
        probe["httpGet"]["path"] = probe["httpGet"].get("path") or "/"
        probe["httpGet"]["scheme"] = probe["httpGet"].get("scheme") or "HTTP"
    if "grpc" in probe:
        probe["grpc"].setdefault("service", "")


def _volume(volume: Object) -> None:
    if volume.keys() == {"name"}:
        volume["emptyDir"] = {}
    for name in ("secret", "configMap", "downwardAPI", "projected"):
        if name in volume:
            volume[name].setdefault("defaultMode", _MODE)
    if "hostPath" in volume:
        volume["hostPath"].setdefault("type", "")
    files = list(volume.get("downwardAPI", {}).get("items") or ())
    for source in volume.get("projected", {}).get("sources") or ():
        files += source.get("downwardAPI", {}).get("items") or ()
        if "serviceAccountToken" in source:
            source["serviceAccountToken"].setdefault("expirationSeconds", _TOKEN_SECONDS)
    for file in files:
        _field_reference(file)


def _field_reference(value: Object) -> None:
    if "fieldRef" in value:
        value["fieldRef"]["apiVersion"] = value["fieldRef"].get("apiVersion") or "v1"
