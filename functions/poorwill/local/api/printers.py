"""The columns that `kubectl get` shows of Kubernetes' own kinds, as kube-apiserver 1.35 prints them.

Source: k8s.io/kubernetes/pkg/printers/internalversion and k8s.io/apimachinery/pkg/util/duration.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from poorwill.kinds.kind import (
    CONFIG_MAP,
    EVENT,
    JOB,
    NAMESPACE,
    NETWORK_POLICY,
    POD,
    ROLE,
    ROLE_BINDING,
    SECRET,
    SERVICE_ACCOUNT,
    Kind,
    Object,
)

UNKNOWN = "<unknown>"
_NONE = "<none>"
_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 365 * 86400


class Printed(NamedTuple):
    """One column after the name, and how its cell is made of an object at a time."""

    name: str
    cell: Callable[[Object, datetime], Any]
    type: str = "string"
    priority: int = 0


def human(seconds: float) -> str:
    """Return a duration as Kubernetes shows ages: two units while that tells more."""
    seconds = int(seconds)
    if seconds < 0:
        return "0s" if seconds >= -1 else "<invalid>"
    for below, unit, size, part, part_size in _STEPS:
        if seconds < below:
            rest = (seconds % size) // part_size if part else 0
            return f"{seconds // size}{unit}" + (f"{rest}{part}" if rest else "")
    return f"{seconds // _YEAR}y"


# up to how many seconds, in which unit, and which smaller one beside it
_STEPS = (
    (2 * _MINUTE, "s", 1, "", 1),
    (10 * _MINUTE, "m", _MINUTE, "s", 1),
    (3 * _HOUR, "m", _MINUTE, "", 1),
    (8 * _HOUR, "h", _HOUR, "m", _MINUTE),
    (2 * _DAY, "h", _HOUR, "", 1),
    (8 * _DAY, "d", _DAY, "h", _HOUR),
    (2 * _YEAR, "d", _DAY, "", 1),
    (8 * _YEAR, "y", _YEAR, "d", _DAY),
)


def since(timestamp: Any, now: datetime) -> str:
    """Return how long ago a time was."""
    if not timestamp:
        return UNKNOWN
    return human((now - datetime.fromisoformat(timestamp).astimezone(UTC)).total_seconds())


def _age(obj: Object, now: datetime) -> str:
    return since(obj["metadata"].get("creationTimestamp"), now)


def _count(*names: str) -> Callable[[Object, datetime], int]:
    return lambda obj, _: sum(len(obj.get(name) or ()) for name in names)


def _pod_containers(obj: Object) -> list[Object]:
    return list((obj.get("status") or {}).get("containerStatuses") or ())


def _pod_ready(obj: Object, _: datetime) -> str:
    ready = sum(bool(one.get("ready") and "running" in one.get("state", {})) for one in _pod_containers(obj))
    return f"{ready}/{len(obj.get('spec', {}).get('containers', ()))}"


def _pod_status(obj: Object, _: datetime) -> str:
    status = obj.get("status") or {}
    phase = status.get("phase", "")
    if "deletionTimestamp" in obj["metadata"] and phase not in {"Succeeded", "Failed"}:
        return "Terminating"
    reason = status.get("reason") or phase
    for container in reversed(_pod_containers(obj)):
        state = container.get("state", {})
        waiting, terminated = state.get("waiting") or {}, state.get("terminated")
        if waiting.get("reason"):
            reason = waiting["reason"]
        elif terminated:
            reason = terminated.get("reason") or f"ExitCode:{terminated.get('exitCode', 0)}"
    return str(reason)


def _pod_restarts(obj: Object, now: datetime) -> str:
    containers = _pod_containers(obj)
    restarts = sum(container.get("restartCount", 0) for container in containers)
    ends = [(one.get("lastState") or {}).get("terminated", {}).get("finishedAt") for one in containers]
    last = max((end for end in ends if end), default=None)
    return f"{restarts} ({since(last, now)} ago)" if restarts and last else str(restarts)


def _status_of(name: str) -> Callable[[Object, datetime], str]:
    return lambda obj, _: str((obj.get("status") or {}).get(name) or _NONE)


def _first_seen(obj: Object, now: datetime) -> str:
    return since(obj.get("firstTimestamp") or obj.get("eventTime"), now)


def _last_seen(obj: Object, now: datetime) -> str:
    return since(obj["lastTimestamp"], now) if obj.get("lastTimestamp") else _first_seen(obj, now)


def _about(obj: Object, _: datetime) -> str:
    about = obj.get("involvedObject") or {}
    return "/".join(part for part in (about.get("kind", "").lower(), about.get("name", "")) if part)


def _event_source(obj: Object, _: datetime) -> str:
    source = obj.get("source") or {}
    component = source.get("component") or obj.get("reportingComponent", "")
    host = source.get("host") or obj.get("reportingInstance")
    return f"{component}, {host}" if host else str(component)


def _subjects(kind: str) -> Callable[[Object, datetime], str]:
    def cell(obj: Object, _: datetime) -> str:
        found = [subject for subject in obj.get("subjects") or () if subject.get("kind") == kind]
        names = (f"{one['namespace']}/{one['name']}" if one.get("namespace") else one["name"] for one in found)
        return ", ".join(names)

    return cell


def _selector(name: str) -> Callable[[Object, datetime], str]:
    return lambda obj, _: _selector_words((obj.get("spec") or {}).get(name) or {})


def _selector_words(selector: Object) -> str:
    parts = [f"{name}={value}" for name, value in sorted((selector.get("matchLabels") or {}).items())]
    for one in selector.get("matchExpressions") or ():
        values = f" ({','.join(sorted(one['values']))})" if one.get("values") else ""
        words = {"In": " in", "NotIn": " notin", "Exists": "", "DoesNotExist": ""}[one["operator"]]
        parts.append(f"{'!' if one['operator'] == 'DoesNotExist' else ''}{one['key']}{words}{values}")
    return ",".join(parts) or _NONE


def _job_status(obj: Object, _: datetime) -> str:
    conditions = (obj.get("status") or {}).get("conditions") or ()
    true = {condition["type"] for condition in conditions if condition["status"] == "True"}
    going = {"Terminating"} if "deletionTimestamp" in obj["metadata"] else set()
    order = ("Complete", "Failed", "Terminating", "Suspended", "FailureTarget", "SuccessCriteriaMet")
    return next((name for name in order if name in true | going), "Running")


def _job_completions(obj: Object, _: datetime) -> str:
    spec, succeeded = obj.get("spec") or {}, (obj.get("status") or {}).get("succeeded", 0)
    if "completions" in spec:
        return f"{succeeded}/{spec['completions']}"
    parallelism = spec.get("parallelism", 0)
    return f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"


def _job_duration(obj: Object, now: datetime) -> str:
    status = obj.get("status") or {}
    if not status.get("startTime"):
        return ""
    end = status.get("completionTime")
    return since(status["startTime"], datetime.fromisoformat(end).astimezone(UTC) if end else now)


def _job_containers(name: str) -> Callable[[Object, datetime], str]:
    def cell(obj: Object, _: datetime) -> str:
        return ",".join(container.get(name, "") for container in obj["spec"]["template"]["spec"]["containers"])

    return cell


_AGE = Printed("Age", _age)

PRINTED: dict[Kind, tuple[Printed, ...]] = {
    NAMESPACE: (Printed("Status", lambda obj, _: (obj.get("status") or {}).get("phase", "")), _AGE),
    CONFIG_MAP: (Printed("Data", _count("data", "binaryData")), _AGE),
    SECRET: (Printed("Type", lambda obj, _: obj.get("type", "")), Printed("Data", _count("data")), _AGE),
    SERVICE_ACCOUNT: (_AGE,),
    POD: (
        Printed("Ready", _pod_ready),
        Printed("Status", _pod_status),
        Printed("Restarts", _pod_restarts),
        _AGE,
        Printed("IP", _status_of("podIP"), priority=1),
        Printed("Node", lambda obj, _: (obj.get("spec") or {}).get("nodeName") or _NONE, priority=1),
        Printed("Nominated Node", _status_of("nominatedNodeName"), priority=1),
        Printed("Readiness Gates", lambda *_: _NONE, priority=1),
    ),
    EVENT: (
        Printed("Last Seen", _last_seen),
        Printed("Type", lambda obj, _: obj.get("type", "")),
        Printed("Reason", lambda obj, _: obj.get("reason", "")),
        Printed("Object", _about),
        Printed("Subobject", lambda obj, _: (obj.get("involvedObject") or {}).get("fieldPath", ""), priority=1),
        Printed("Source", _event_source, priority=1),
        Printed("Message", lambda obj, _: obj.get("message", "").strip()),
        Printed("First Seen", _first_seen, priority=1),
        Printed("Count", lambda obj, _: obj.get("count") or 1, priority=1),
        Printed("Name", lambda obj, _: obj["metadata"]["name"], priority=1),
    ),
    ROLE: (Printed("Created At", lambda obj, _: obj["metadata"]["creationTimestamp"], "date"),),
    ROLE_BINDING: (
        Printed("Role", lambda obj, _: "{kind}/{name}".format(**obj["roleRef"])),
        _AGE,
        Printed("Users", _subjects("User"), priority=1),
        Printed("Groups", _subjects("Group"), priority=1),
        Printed("ServiceAccounts", _subjects("ServiceAccount"), priority=1),
    ),
    NETWORK_POLICY: (Printed("Pod-Selector", _selector("podSelector")), _AGE),
    JOB: (
        Printed("Status", _job_status),
        Printed("Completions", _job_completions),
        Printed("Duration", _job_duration),
        _AGE,
        Printed("Containers", _job_containers("name"), priority=1),
        Printed("Images", _job_containers("image"), priority=1),
        Printed("Selector", _selector("selector"), priority=1),
    ),
}
"""Kinds without a row here show what their own table of columns says."""
