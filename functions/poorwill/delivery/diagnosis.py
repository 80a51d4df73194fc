"""Why a version is not Ready: what its revision, its pods and its process say, as one cause."""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

import msgspec

from poorwill.delivery.cluster import Cluster
from poorwill.delivery.manifests import CONTAINER
from poorwill.errors import DeniedError, NotFoundError, PoorwillError, UnavailableError
from poorwill.kinds.kind import CONFIGURATION, POD, REVISION, Object
from poorwill.kinds.objects import condition, observed

SERVICE_LABEL = "serving.knative.dev/service"
LAST_LINES = 20
_LONGEST_LINE = 400  # characters
_HOPELESS_RESTARTS = 2


class Cause(StrEnum):
    """What keeps a version from being Ready."""

    IMAGE = "image"
    """No node can pull it."""
    DIGEST = "digest"
    """The store has other bytes than the version's."""
    QUOTA = "quota"
    CONFIGURATION = "configuration"
    """A ConfigMap, Secret or account that the pod names is not there, or a setting can't be used."""
    SCHEDULING = "scheduling"
    """No node has room for it."""
    MEMORY = "memory"
    """It was killed at its memory limit."""
    STORE = "store"
    """It can't reach the store, or the version is not there."""
    CRASH = "crash"
    READINESS = "readiness"
    """It runs, and does not say that it is ready."""
    UNKNOWN = "unknown"


class Diagnosis(NamedTuple):
    """The cause, in words, and whether waiting is of no use."""

    cause: Cause
    words: str
    next: str = "`poorwill logs` and `poorwill doctor` tell more"
    hopeless: bool = False
    lines: tuple[str, ...] = ()
    """The process's last words; only those that are Poorwill's own, never what a function of a user's printed."""


_IMAGE_REASONS = {"ImagePullBackOff", "ErrImagePull", "ErrImageNeverPull", "InvalidImageName", "ContainerMissing"}
_NEVER_PULLED = {"ErrImageNeverPull", "InvalidImageName"}
# what a registry answers that stays so; what it does not answer at all may pass
_REFUSED_PULL = re.compile(
    r"not found|manifest unknown|denied|unauthorized|forbidden|authentication required", re.IGNORECASE
)
_PULL_WRAPPING = re.compile(
    r'^(rpc error: code = \w+ desc = )?(failed to pull and unpack image "[^"]*": )?'
    r'(failed to resolve (reference|image) "[^"]*": )?'
)
_CONFIG_REASONS = {"CreateContainerConfigError", "RunContainerError", "CreateContainerError"}
_REASONS = {
    **dict.fromkeys(_IMAGE_REASONS, Cause.IMAGE),
    **dict.fromkeys(_CONFIG_REASONS, Cause.CONFIGURATION),
    "Unschedulable": Cause.SCHEDULING,
    "OOMKilled": Cause.MEMORY,
    "ProgressDeadlineExceeded": Cause.READINESS,
}
_ADVICE = {
    Cause.IMAGE: "name one that its nodes can pull with --image, best by digest",
    Cause.DIGEST: "run `poorwill verify`; deploy from the store that the cluster reads",
    Cause.QUOTA: "ask for a larger quota, or delete versions that nobody needs",
    Cause.CONFIGURATION: "create what is missing, or correct it; `poorwill doctor` lists what a version needs",
    Cause.SCHEDULING: "add a node, or ask for less in the version service's resources",
    Cause.MEMORY: "raise the memory limit of the version service",
    Cause.STORE: "check ConfigMap and Secret poorwill-store, and that pods reach the store",
    Cause.READINESS: "look at its log; a large model wants a longer --timeout",
}
# what a predictor's exit codes mean; see the table of errors
_EXITS = {2: Cause.CONFIGURATION, 65: Cause.CRASH, 66: Cause.STORE, 69: Cause.STORE, 74: Cause.DIGEST}
_PASSING = {69}


def diagnose(cluster: Cluster, service: Object, *, logs: bool = False) -> Diagnosis:
    """Look why a version service is not Ready; what this caller may not read is left out.

    Args:
        cluster: where it is.
        service: as it was last read.
        logs: whether to fetch the last lines, too.
    """
    name = service["metadata"]["name"]
    created, revision, pods = "", None, []
    try:
        # a Service's own status may still name the revision before the last change
        configuration = cluster.get(CONFIGURATION, name)
        if configuration and observed(configuration):
            created = (configuration.get("status") or {}).get("latestCreatedRevisionName", "")
        if created:
            revision = cluster.get(REVISION, created)
            pods = cluster.list(POD, {SERVICE_LABEL: name})
    except (DeniedError, NotFoundError, UnavailableError):
        pass  # then the Service itself is all there is to go by
    pods = [pod for pod in pods if _is_of(pod, created)]
    found = explained(service, revision, pods)
    return found._replace(lines=_last_lines(cluster, pods)) if logs else found


def explained(service: Object, revision: Object | None, pods: Iterable[Object]) -> Diagnosis:
    """Return the cause that statuses tell: the pods', which know first, the revision's, then the service's."""
    for pod in pods:
        found = _of_pod(pod)
        if found:
            return found
    for obj, kinds in ((revision, ("ResourcesAvailable", "ContainerHealthy", "Ready")), (service, ("Ready",))):
        for kind in kinds if obj else ():
            found = _of_condition(obj or {}, kind)
            if found:
                return found
    words = "its process runs, and is not ready yet" if any(map(_runs, pods)) else "no pod of it runs yet"
    return _diagnosed(Cause.READINESS if any(map(_runs, pods)) else Cause.UNKNOWN, words)


def serving_container(pod: Object) -> str:
    """Return the name of a pod's container that serves: predictor, or whatever is not Knative's."""
    names = [container["name"] for container in (pod.get("spec") or {}).get("containers") or ()]
    return CONTAINER if CONTAINER in names else next((name for name in names if name != "queue-proxy"), CONTAINER)


def own_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines that Poorwill's own log and errors have, cut to a readable length; others are counted."""
    others = 0
    for line in lines:
        if _is_own(line):
            yield line[:_LONGEST_LINE]
        elif line.strip():
            others += 1
    if others:
        yield f"({others} more that are not Poorwill's own; `poorwill logs` shows them)"


class _LogLine(msgspec.Struct):
    time: str
    severity: str
    message: str


_TOLD = re.compile(r"poorwill: .*|  (?:where|wanted|found|next) +\S.*")


def _is_own(line: str) -> bool:
    if _TOLD.fullmatch(line):
        return True
    try:
        return bool(msgspec.json.decode(line, type=_LogLine))
    except msgspec.MsgspecError:
        return False


def _last_lines(cluster: Cluster, pods: list[Object]) -> tuple[str, ...]:
    for pod in pods:
        try:
            lines = list(cluster.log(pod["metadata"]["name"], serving_container(pod), tail_lines=LAST_LINES))
        except PoorwillError:
            continue
        if lines:
            return tuple(own_lines(lines))
    return ()


def _is_of(pod: Object, revision: str) -> bool:
    metadata = pod["metadata"]
    return "deletionTimestamp" not in metadata and metadata["labels"].get("serving.knative.dev/revision") == revision


def _of_pod(pod: Object) -> Diagnosis | None:
    status = pod.get("status") or {}
    for entry in status.get("conditions") or ():
        if entry.get("type") == "PodScheduled" and entry.get("status") == "False":
            return _diagnosed(Cause.SCHEDULING, entry.get("message") or "no node takes it")
    for container in status.get("containerStatuses") or ():
        if container.get("name") == "queue-proxy":
            continue
        found = _of_waiting(container) or _of_end(container)
        if found:
            return found
    return None


def _of_waiting(container: Object) -> Diagnosis | None:
    waiting = (container.get("state") or {}).get("waiting") or {}
    reason = waiting.get("reason", "")
    words = ": ".join(filter(None, (reason, waiting.get("message", ""))))
    if reason in _IMAGE_REASONS:
        return _of_pull(reason, waiting.get("message", ""))
    if reason in _CONFIG_REASONS:
        return _diagnosed(Cause.CONFIGURATION, words)
    return None


def _of_pull(reason: str, message: str) -> Diagnosis:
    """Return why an image is not pulled: kubelet's two reasons for one failure in the same words, told once."""
    told = _PULL_WRAPPING.sub("", message.rpartition("ErrImagePull: ")[2])
    hopeless = reason in _NEVER_PULLED or (reason == "ImagePullBackOff" and _REFUSED_PULL.search(told) is not None)
    return _diagnosed(Cause.IMAGE, f"it can't be pulled: {told or reason}", hopeless=hopeless)


def _of_end(container: Object) -> Diagnosis | None:
    state, last = container.get("state") or {}, container.get("lastState") or {}
    ended = state.get("terminated") or last.get("terminated")
    if not ended or container.get("ready"):
        return None
    code, restarts = ended.get("exitCode", 0), container.get("restartCount", 0)
    cause = Cause.MEMORY if ended.get("reason") == "OOMKilled" else _EXITS.get(code, Cause.CRASH)
    often = f"; started {restarts + 1} times" if restarts else ""
    words = f"its process ended with exit code {code}{_message(ended)}{often}"
    hopeless = restarts >= _HOPELESS_RESTARTS and code not in _PASSING and "running" not in state
    return _diagnosed(cause, words, hopeless=hopeless)


def _message(ended: Object) -> str:
    """Return what the process said last, in one line; Kubernetes keeps it where the log was short."""
    own = [" ".join(line.split()) for line in (ended.get("message") or "").splitlines() if _TOLD.fullmatch(line)]
    return f": {'; '.join(own).removeprefix('poorwill: ')}" if own else ""


def _of_condition(obj: Object, kind: str) -> Diagnosis | None:
    found = condition(obj, kind)
    if found is None or found.status != "False":
        return None
    words = ": ".join(filter(None, (found.reason, " ".join(found.message.split()))))
    ended = re.fullmatch(r"ExitCode(\d+)", found.reason)
    if ended:
        return _diagnosed(_EXITS.get(int(ended[1]), Cause.CRASH), words)
    if "quota" in found.message:
        return _diagnosed(Cause.QUOTA, words)
    if "Unable to fetch image" in found.message:
        return _diagnosed(Cause.IMAGE, words)
    return _diagnosed(_REASONS.get(found.reason, Cause.UNKNOWN), words)


def _runs(pod: Object) -> bool:
    return (pod.get("status") or {}).get("phase") == "Running"


def _diagnosed(cause: Cause, words: str, *, hopeless: bool = False) -> Diagnosis:
    advice = _ADVICE.get(cause)
    found = Diagnosis(cause, words, hopeless=hopeless)
    return found._replace(next=advice) if advice else found
