"""A Revision tells how its pods are: whether they ever got ready, and whether they sleep.

From Knative's pkg/reconciler/revision, pkg/reconciler/autoscaling/kpa and pkg/apis/serving/v1/revision_lifecycle.go.
"""

from collections.abc import Callable
from typing import Any

from poorwill.kinds.autoscaling import autoscaling
from poorwill.kinds.kind import Object
from poorwill.kinds.objects import annotations, labels
from poorwill.local.control.conditions import Conditions, condition
from poorwill.local.control.labels import ROUTING_STATE_LABEL
from poorwill.local.control.plan import Note, Plan, failed
from poorwill.local.revision import Failure, RevisionState

_DEPENDENTS = ("ResourcesAvailable", "ContainerHealthy")
_READY = Note("Normal", "RevisionReady", "Revision becomes ready upon all resources being ready")

Pinned = Callable[[str], str]
"""Returns an image's name with its digest, "" where it has none."""


def is_reachable(revision: Object) -> bool:
    """Return whether a Route sends, or may yet send, requests to a Revision; its minimum scale counts only then."""
    return labels(revision).get(ROUTING_STATE_LABEL) != "reserve"


def was_started(revision: Object) -> bool:
    """Return whether as many pods as a Revision starts with were ready once."""
    available, healthy = (
        condition(revision, "ResourcesAvailable").status,
        condition(revision, "ContainerHealthy").status,
    )
    return available == "True" or (available == "False" and healthy == "True")


def reconcile(revision: Object, *, state: RevisionState | None, pinned: Pinned, now: str) -> Plan:
    """Return what a Revision wants, given how its pods are; None is from before the first of them."""
    conditions = Conditions(revision, _DEPENDENTS, now)
    status: Object = dict(revision.get("status", {}))
    notes: tuple[Note, ...] = ()
    known = state or (RevisionState(0) if was_started(revision) else None)
    if known is None:
        conditions.unknown("ResourcesAvailable", "ResolvingDigests")
    elif known.failure is not None and known.failure.reason == "ContainerMissing":
        conditions.unknown("ResourcesAvailable", "ResolvingDigests")
        conditions.false("ContainerHealthy", known.failure.reason, known.failure.message)
        if condition(revision, "ContainerHealthy").message != known.failure.message:
            notes = (failed(known.failure.message),)
    else:
        status["containerStatuses"] = status.get("containerStatuses") or _container_statuses(revision, pinned)
        _tell(revision, known, conditions, status)
    if conditions.status("Ready") == "True" != condition(revision, "Ready").status:
        notes = (_READY,)
    return Plan(status=conditions.told(revision, status), notes=notes)


def _container_statuses(revision: Object, pinned: Pinned) -> list[dict[str, Any]]:
    statuses = []
    for container in revision["spec"]["containers"]:
        digest = pinned(container["image"])
        name = container.get("name", "user-container")
        statuses.append({"name": name} | ({"imageDigest": digest} if digest else {}))
    return statuses


def _tell(revision: Object, state: RevisionState, conditions: Conditions, status: Object) -> None:
    was_ready = was_started(revision)
    if "actualReplicas" not in status:
        for type_ in ("ResourcesAvailable", "ContainerHealthy", "Active"):
            conditions.unknown(type_, "Deploying")
    _mark_pods(state, conditions)
    status |= {"actualReplicas": len(state.ready), "desiredReplicas": state.desired}
    _mark_scale(revision, state, conditions, was_ready=was_ready)


def _mark_pods(state: RevisionState, conditions: Conditions) -> None:
    """Take over what the pods say; an unhealthy container stays so until one is ready."""
    failure = state.failure or Failure("", "", "")
    if failure.condition == "ResourcesAvailable":
        conditions.false("ResourcesAvailable", failure.reason, failure.message)
    else:
        conditions.true("ResourcesAvailable")
    if state.ready:
        conditions.true("ContainerHealthy")
    elif failure.condition == "ContainerHealthy":
        conditions.false("ContainerHealthy", failure.reason, failure.message)


def _mark_scale(revision: Object, state: RevisionState, conditions: Conditions, *, was_ready: bool) -> None:
    """Take over how many pods there are, and are to be (PropagateAutoscalerStatus in revision_lifecycle.go)."""
    enough = _enough(revision, was_ready=was_ready)
    is_started = was_ready or len(state.ready) >= enough > 0
    failing = "False" in {conditions.status(type_) for type_ in _DEPENDENTS}
    if is_started and not failing:
        conditions.true("ResourcesAvailable")
        conditions.true("ContainerHealthy")
    if conditions.status("ResourcesAvailable") == "True" and not is_started:
        conditions.unknown("ResourcesAvailable", "Deploying")
    if state.desired == 0:
        if not is_started and not failing:
            conditions.false("ResourcesAvailable", "ProgressDeadlineExceeded", "Initial scale was never achieved")
        if conditions.status("Active") == "Unknown":
            conditions.false("Active", "TimedOut", "The target could not be activated.")
        else:
            conditions.false("Active", "NoTraffic", "The target is not receiving traffic.")
    elif len(state.ready) < enough:
        text = "Requests to the target are being buffered as resources are provisioned."
        conditions.unknown("Active", "Queued", text)
    else:
        conditions.true("Active")


def _enough(revision: Object, *, was_ready: bool) -> int:
    """Return how many ready pods make a Revision active."""
    scale = autoscaling(annotations(revision), revision["spec"].get("containerConcurrency", 0))
    return max(scale.min_scale if is_reachable(revision) else 0, 1 if was_ready else scale.initial_scale)
