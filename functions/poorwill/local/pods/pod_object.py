"""A pod's Kubernetes object, as Knative labels it and kubelet reports on it; without queue-proxy, which isn't there."""

import hashlib
from datetime import datetime
from typing import NamedTuple

from poorwill.kinds.kind import POD, REVISION, Object
from poorwill.kinds.objects import annotations, labels, set_conditions
from poorwill.local.pods.plan import Plan
from poorwill.local.pods.ports import HOST

FINALIZER = "poorwill.dev/process"
"""Keeps a pod that was deleted in sight until its process has ended, as kubelet does."""

NODE = "twin"
_SERVING = "serving.knative.dev/"
# https://github.com/knative/serving/blob/knative-v1.23.0/pkg/reconciler/revision/resources/meta.go
_NOT_OF_PODS = {"route", "routingState", "lastPinned", "preserved", "routingStateModified", "routes"}
_COMPLETED, _ERROR = "Completed", "Error"


class Termination(NamedTuple):
    """How a container ended."""

    exit_code: int
    reason: str  # Completed, Error, OOMKilled or StartError
    message: str  # its last words
    started_at: datetime
    finished_at: datetime

    def as_object(self) -> Object:
        """Return it as kubelet writes it."""
        said = {"message": self.message} if self.message else {}
        times = {"startedAt": written(self.started_at), "finishedAt": written(self.finished_at)}
        return {"exitCode": self.exit_code, "reason": self.reason, **said, **times}


class Waiting(NamedTuple):
    """Why a container is not running: CrashLoopBackOff, CreateContainerConfigError or ContainerCreating."""

    reason: str
    message: str = ""


class Life(NamedTuple):
    """Where a pod is in its life."""

    name: str
    created_at: datetime
    port: int = 0
    metrics_port: int = 0
    started_at: datetime | None = None  # while it runs
    ready: bool = False
    was_ready: bool = False
    restarts: int = 0
    waiting: Waiting = Waiting("ContainerCreating")
    last: Termination | None = None


def written(time: datetime) -> str:
    """Return a time as Kubernetes writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def end_reason(exit_code: int, *, out_of_memory: bool) -> str:
    """Return kubelet's word for an end."""
    if out_of_memory:
        return "OOMKilled"
    return _ERROR if exit_code else _COMPLETED


def name_prefix(revision: Object) -> str:
    """Return how the names of a revision's pods begin; the hash stands for the one of a ReplicaSet."""
    metadata = revision["metadata"]
    template = hashlib.sha256(str(metadata.get("uid", "")).encode()).hexdigest()[:10]
    return f"{metadata['name']}-deployment-{template}-"


def pod_object(plan: Plan, life: Life, status: Object, now: datetime) -> Object:
    """Return the whole object.

    Args:
        plan: of the pod's revision.
        life: where the pod is in it.
        status: the one it had, for the times of its conditions; empty for a new pod.
        now: for the conditions that change.
    """
    metadata = {
        "name": life.name,
        "generateName": name_prefix(plan.revision),
        "namespace": plan.key.namespace,
        "labels": _labels(plan.revision),
        "annotations": _annotations(plan, life),
        "ownerReferences": [_owner(plan.revision)],
        "finalizers": [FINALIZER],
    }
    return {
        "apiVersion": POD.api_version,
        "kind": POD.kind,
        "metadata": metadata,
        "spec": _spec(plan, life),
        "status": _status(plan, life, status, written(now)),
    }


def _labels(revision: Object) -> dict[str, str]:
    name = revision["metadata"]["name"]
    kept = {key: value for key, value in labels(revision).items() if key.removeprefix(_SERVING) not in _NOT_OF_PODS}
    made = {
        f"{_SERVING}revision": name,
        f"{_SERVING}revisionUID": revision["metadata"].get("uid", ""),
        "pod-template-hash": name_prefix(revision).split("-")[-2],
    }
    return {"app": name, **kept, **made}


def _annotations(plan: Plan, life: Life) -> dict[str, str]:
    kept = {
        key: value
        for key, value in annotations(plan.revision).items()
        if key.removeprefix(_SERVING) not in _NOT_OF_PODS and not key.startswith("autoscaling.knative.dev/")
    }
    if "prometheus.io/port" in kept:
        kept["prometheus.io/port"] = str(life.metrics_port)
    return {**kept, "kubectl.kubernetes.io/default-container": plan.container["name"]}


def _owner(revision: Object) -> Object:
    metadata = revision["metadata"]
    return {
        "apiVersion": REVISION.api_version,
        "kind": REVISION.kind,
        "name": metadata["name"],
        "uid": metadata.get("uid", ""),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _spec(plan: Plan, life: Life) -> Object:
    own = [
        {"name": "PORT", "value": str(life.port)},
        {"name": "K_REVISION", "value": plan.key.name},
        {"name": "K_CONFIGURATION", "value": labels(plan.revision).get(f"{_SERVING}configuration", "")},
        {"name": "K_SERVICE", "value": labels(plan.revision).get(f"{_SERVING}service", "")},
    ]
    container = {
        **plan.container,
        "env": [*(plan.container.get("env") or ()), *own],
        "ports": [{"name": "user-port", "containerPort": life.port, "protocol": "TCP"}],
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
    kept = {"serviceAccountName", "automountServiceAccountToken", "enableServiceLinks", "volumes"}
    spec = {name: value for name, value in plan.revision["spec"].items() if name in kept}
    return {
        **spec,
        "containers": [container],
        "nodeName": NODE,
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": int(plan.grace_seconds),
    }


def _status(plan: Plan, life: Life, status: Object, now: str) -> Object:
    name = plan.container["name"]
    unready = {} if life.ready else {"reason": "ContainersNotReady", "message": _unready(name)}
    ready = {"status": str(life.ready), **unready}
    conditions = (
        {"type": "PodScheduled", "status": "True"},
        {"type": "Initialized", "status": "True"},
        {"type": "PodReadyToStartContainers", "status": "True"},
        {"type": "ContainersReady", **ready},
        {"type": "Ready", **ready},
    )
    new = {
        "phase": "Running" if life.started_at or life.last else "Pending",
        "hostIP": HOST,
        "podIP": HOST,
        "podIPs": [{"ip": HOST}],
        "startTime": written(life.created_at),
        "containerStatuses": [_container_status(plan, life)],
    }
    return set_conditions({**new, "conditions": status.get("conditions") or []}, conditions, now=now)


def _container_status(plan: Plan, life: Life) -> Object:
    if life.started_at:
        state: Object = {"running": {"startedAt": written(life.started_at)}}
    else:
        said = {"message": life.waiting.message} if life.waiting.message else {}
        state = {"waiting": {"reason": life.waiting.reason, **said}}
    return {
        "name": plan.container["name"],
        "image": plan.container["image"],
        "imageID": plan.container["image"],
        "ready": life.ready,
        "started": life.started_at is not None,
        "restartCount": life.restarts,
        "state": state,
        "lastState": {"terminated": life.last.as_object()} if life.last else {},
    }


def _unready(container: str) -> str:
    return f"containers with unready status: [{container}]"
