"""A pod's Kubernetes object, as Knative labels it and kubelet reports on it; without queue-proxy, which isn't there."""

from datetime import datetime
from typing import NamedTuple

from poorwill.kinds.kind import POD, Object
from poorwill.kinds.objects import set_conditions
from poorwill.local.pods.plan import Plan
from poorwill.local.pods.ports import HOST

FINALIZER = "poorwill.dev/process"
"""Keeps a pod that was deleted in sight until its process has ended, as kubelet does."""

NODE = "twin"
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
    over: bool = False  # it ended as it was to end, or is not to be started again; its log stays


def written(time: datetime) -> str:
    """Return a time as Kubernetes writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def end_reason(exit_code: int, *, out_of_memory: bool) -> str:
    """Return kubelet's word for an end."""
    if out_of_memory:
        return "OOMKilled"
    return _ERROR if exit_code else _COMPLETED


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
        "generateName": plan.template.prefix,
        "namespace": plan.key.namespace,
        "labels": dict(plan.template.labels),
        "annotations": _annotations(plan, life),
        "ownerReferences": [plan.template.owner],
        "finalizers": [] if life.over else [FINALIZER],
    }
    return {
        "apiVersion": POD.api_version,
        "kind": POD.kind,
        "metadata": metadata,
        "spec": _spec(plan, life),
        "status": _status(plan, life, status, written(now)),
    }


def _annotations(plan: Plan, life: Life) -> dict[str, str]:
    noted = dict(plan.template.annotations)
    if "prometheus.io/port" in noted:
        noted["prometheus.io/port"] = str(life.metrics_port)
    return noted


def _spec(plan: Plan, life: Life) -> Object:
    own = [
        {"name": name, "value": value} for name, value in {"PORT": str(life.port), **plan.template.variables}.items()
    ]
    container = {
        **plan.container,
        "env": [*(plan.container.get("env") or ()), *own],
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
    if plan.probe:
        container["ports"] = [{"name": "user-port", "containerPort": life.port, "protocol": "TCP"}]
    return {
        **plan.template.spec,
        "containers": [container],
        "nodeName": NODE,
        "restartPolicy": plan.template.restart_policy,
        "terminationGracePeriodSeconds": int(plan.grace_seconds),
    }


def _status(plan: Plan, life: Life, status: Object, now: str) -> Object:
    name = plan.container["name"]
    completed = {"reason": "PodCompleted"} if life.over else {}
    unready = completed or {"reason": "ContainersNotReady", "message": _unready(name)}
    ready = {"status": str(life.ready), **({} if life.ready else unready)}
    conditions = (
        {"type": "PodScheduled", "status": "True"},
        {"type": "Initialized", "status": "True", **completed},
        {"type": "PodReadyToStartContainers", "status": str(not life.over)},
        {"type": "ContainersReady", **ready},
        {"type": "Ready", **ready},
    )
    new = {
        "phase": _phase(life),
        "hostIP": HOST,
        "podIP": HOST,
        "podIPs": [{"ip": HOST}],
        "startTime": written(life.created_at),
        "containerStatuses": [_container_status(plan, life)],
    }
    return set_conditions({**new, "conditions": status.get("conditions") or []}, conditions, now=now)


def _phase(life: Life) -> str:
    if life.over:
        return "Failed" if life.last and life.last.exit_code else "Succeeded"
    return "Running" if life.started_at or life.last else "Pending"


def _container_status(plan: Plan, life: Life) -> Object:
    last = life.last.as_object() if life.last else None
    if life.over:
        state: Object = {"terminated": last}
    elif life.started_at:
        state = {"running": {"startedAt": written(life.started_at)}}
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
        "lastState": {"terminated": last} if last and not life.over else {},
    }


def _unready(container: str) -> str:
    return f"containers with unready status: [{container}]"
