"""A Configuration makes a Revision of each new template and names the last ready one (pkg/reconciler/configuration)."""

from collections.abc import Iterable

from poorwill.kinds.kind import REVISION, Object
from poorwill.kinds.objects import Condition, annotations, labels
from poorwill.local.control.conditions import Conditions, condition, is_ready
from poorwill.local.control.labels import (
    CONFIGURATION_LABEL,
    CONFIGURATION_UID_LABEL,
    CREATOR,
    GENERATION_LABEL,
    LAST_MODIFIER,
    ROUTES,
    ROUTING_STATE_LABEL,
    ROUTING_STATE_MODIFIED,
    SERVICE_LABEL,
    SERVICE_UID_LABEL,
    child_name,
    is_controlled_by,
    made,
)
from poorwill.local.control.plan import Note, Plan, created, failed


def own_revision_name(configuration: Object) -> str:
    """Return the name that the template gives its Revision, "" where it gives none."""
    return str(configuration["spec"]["template"].get("metadata", {}).get("name", ""))


def revision_name(configuration: Object) -> str:
    """Return the name of the Revision of what is asked now."""
    suffix = f"-{configuration['metadata']['generation']:05d}"
    return own_revision_name(configuration) or child_name(configuration["metadata"]["name"], suffix)


def is_name_taken(configuration: Object, named: Object) -> bool:
    """Return whether the Revision of the template's name is another's, or was made from another template."""
    if not is_controlled_by(named, configuration):
        return True
    if labels(named).get(GENERATION_LABEL) == str(configuration["metadata"]["generation"]):
        return False
    return bool(configuration["spec"]["template"]["spec"] != named["spec"])


def revision_for(configuration: Object, now: str) -> Object:
    """Return the Revision of what is asked now."""
    metadata, template = configuration["metadata"], configuration["spec"]["template"]
    own = template.get("metadata", {})
    wanted = made(REVISION, configuration, revision_name(configuration))
    routed = annotations(configuration).get(ROUTES, "")
    marks = {
        CONFIGURATION_LABEL: metadata["name"],
        GENERATION_LABEL: str(metadata["generation"]),
        CONFIGURATION_UID_LABEL: metadata["uid"],
        SERVICE_LABEL: labels(configuration).get(SERVICE_LABEL, ""),
        SERVICE_UID_LABEL: labels(configuration).get(SERVICE_UID_LABEL, ""),
        ROUTING_STATE_LABEL: "active" if routed else "pending",
    }
    notes = {
        CREATOR: annotations(configuration).get(LAST_MODIFIER, ""),
        ROUTES: routed,
        ROUTING_STATE_MODIFIED: now,
    }
    wanted["metadata"]["labels"] = (own.get("labels") or {}) | {key: text for key, text in marks.items() if text}
    wanted["metadata"]["annotations"] = (own.get("annotations") or {}) | {k: text for k, text in notes.items() if text}
    wanted["spec"] = template["spec"]
    return wanted


def reconcile(configuration: Object, *, revisions: Iterable[Object], named: Object | None, now: str) -> Plan:
    """Return what a Configuration wants.

    `revisions` are those that carry its label, `named` is whatever Revision has the name of the wanted one.
    """
    conditions = Conditions(configuration, (), now)
    status: Object = dict(configuration.get("status", {}))
    own = list(revisions)
    latest, plan = _latest_created(configuration, own, named, now)
    if latest is None and not plan.writes:
        text = f'revisions.serving.knative.dev "{revision_name(configuration)}" already exists'
        if not own_revision_name(configuration):
            return Plan(notes=(failed(f"failed to create Revision: {text}"),))
        conditions.false("Ready", "RevisionFailed", f"Revision creation failed with message: {text}.")
        return Plan(status=conditions.told(configuration, status))
    status["latestCreatedRevisionName"] = revision_name(configuration) if latest is None else latest["metadata"]["name"]
    if status.get("latestReadyRevisionName") != status["latestCreatedRevisionName"]:
        conditions.unknown("Ready")
    notes = [*plan.notes]
    if latest is not None:
        notes += _readiness(configuration, latest, conditions, status)
    candidates = own if latest is None or latest in own else [*own, latest]
    notes += _latest_ready(configuration, candidates, conditions, status)
    return Plan(plan.writes, status=conditions.told(configuration, status), notes=tuple(notes))


def _latest_created(
    configuration: Object, own: list[Object], named: Object | None, now: str
) -> tuple[Object | None, Plan]:
    """Return the Revision of what is asked now, or else the plan that makes it; neither where its name is taken."""
    if own_revision_name(configuration):
        if named is not None:
            return (None, Plan()) if is_name_taken(configuration, named) else (named, Plan())
    else:
        generation = str(configuration["metadata"]["generation"])
        for revision in own:
            if labels(revision).get(GENERATION_LABEL) == generation:
                return revision, Plan()
        if named is not None:
            return None, Plan()
    wanted = revision_for(configuration, now)
    return None, Plan((wanted,), notes=(created("Revision", wanted["metadata"]["name"]),))


def _readiness(configuration: Object, latest: Object, conditions: Conditions, status: Object) -> list[Note]:
    """Take over what the latest created Revision says of itself."""
    name, ready = latest["metadata"]["name"], condition(latest, "Ready")
    if ready.status == "True" and not status.get("latestReadyRevisionName"):
        return [Note("Normal", "ConfigurationReady", "Configuration becomes ready")]
    if ready.status != "False":
        return []
    text = f'Revision "{name}" failed with message: {ready.message}.'
    conditions.false("Ready", "RevisionFailed", text)
    if condition(configuration, "Ready") == Condition("False", "RevisionFailed", text):
        return []
    if name == status.get("latestReadyRevisionName"):
        return [Note("Warning", "LatestReadyFailed", f'Latest ready revision "{name}" has failed')]
    return [Note("Warning", "LatestCreatedFailed", f'Latest created revision "{name}" has failed')]


def _generation(revision: Object) -> int:
    text = labels(revision).get(GENERATION_LABEL, "")
    return int(text) if text.isdecimal() else 0


def _latest_ready(
    configuration: Object, candidates: list[Object], conditions: Conditions, status: Object
) -> list[Note]:
    """Name the newest ready Revision, but none older than the one that is named already."""
    was = status.get("latestReadyRevisionName", "")
    oldest = next((_generation(revision) for revision in candidates if revision["metadata"]["name"] == was), 0)
    own_name = own_revision_name(configuration)
    newest_first = sorted(
        candidates,
        key=lambda revision: (revision["metadata"]["name"] == own_name, _generation(revision)),
        reverse=True,
    )
    for revision in newest_first:
        name = revision["metadata"]["name"]
        if not is_ready(revision) or (_generation(revision) < oldest and name != own_name):
            continue
        status["latestReadyRevisionName"] = name
        if name == status["latestCreatedRevisionName"]:
            conditions.true("Ready")
        return [] if name == was else [_updated(name)]
    return []


def _updated(name: str) -> Note:
    return Note("Normal", "LatestReadyUpdate", f'LatestReadyRevisionName updated to "{name}"')
