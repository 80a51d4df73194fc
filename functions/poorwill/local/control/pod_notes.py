"""What the kubelet tells of a pod's containers, read off the pod's status."""

from typing import NamedTuple

from poorwill.kinds.kind import Object
from poorwill.local.control.plan import Note

_PULL_REASONS = frozenset({"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName"})


class Counted(NamedTuple):
    """A note and how often that happened."""

    note: Note
    times: int


def notes(pod: Object) -> tuple[Counted, ...]:
    """Return the notes of all containers of a pod."""
    statuses = pod.get("status", {}).get("containerStatuses", ())
    return tuple(counted for status in statuses for counted in _of_container(pod, status))


def _of_container(pod: Object, status: Object) -> tuple[Counted, ...]:
    restarts: int = status.get("restartCount", 0)
    state = status.get("state", {})
    found: list[Counted] = []
    if "running" in state or "terminated" in state:
        found += [
            Counted(Note("Normal", "Created", "Container created"), restarts + 1),
            Counted(Note("Normal", "Started", "Container started"), restarts + 1),
        ]
    waiting = state.get("waiting", {})
    reason, message = waiting.get("reason", ""), waiting.get("message", "")
    if reason == "CrashLoopBackOff":
        metadata = pod["metadata"]
        place = f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"
        text = f"Back-off restarting failed container {status['name']} in pod {place}"
        found.append(Counted(Note("Warning", "BackOff", text), max(1, restarts)))
    elif reason in _PULL_REASONS:
        found.append(Counted(Note("Warning", "Failed", message or f"Error: {reason}"), 1))
    elif reason == "CreateContainerConfigError":
        found.append(Counted(Note("Warning", "Failed", f"Error: {message}"), 1))
    ended = status.get("lastState", {}).get("terminated") or state.get("terminated") or {}
    if ended.get("reason") == "OOMKilled":
        found.append(
            Counted(Note("Warning", "OOMKilling", f"Memory limit of {status['name']} exceeded"), max(1, restarts))
        )
    return tuple(found)
