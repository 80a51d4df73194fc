"""What every kind of object has: labels, annotations, owners, and conditions that remember when they last changed."""

from collections.abc import Iterable
from typing import NamedTuple

from poorwill.kinds.kind import Object


class Condition(NamedTuple):
    """One condition of an object's status."""

    status: str
    """True, False or Unknown."""
    reason: str
    message: str


def condition(obj: Object, kind: str) -> Condition | None:
    """Return the condition of one type; None where there is none yet."""
    for found in conditions(obj):
        if found.get("type") == kind:
            return Condition(found.get("status", ""), found.get("reason", ""), found.get("message", ""))
    return None


def conditions(obj: Object) -> list[Object]:
    """Return all conditions as they are written."""
    return list((obj.get("status") or {}).get("conditions") or ())


def is_true(obj: Object, kind: str) -> bool:
    """Return whether the condition of one type is True."""
    found = condition(obj, kind)
    return found is not None and found.status == "True"


def observed(obj: Object) -> bool:
    """Return whether a status speaks of the spec as it now is."""
    generation = obj["metadata"].get("generation")
    return bool(generation) and (obj.get("status") or {}).get("observedGeneration") == generation


def labels(obj: Object) -> dict[str, str]:
    """Return an object's labels; empty where it has none."""
    return dict((obj.get("metadata") or {}).get("labels") or {})


def annotations(obj: Object) -> dict[str, str]:
    """Return an object's annotations; empty where it has none."""
    return dict((obj.get("metadata") or {}).get("annotations") or {})


def owner(obj: Object) -> Object | None:
    """Return the owner reference of the one that controls an object."""
    references = (obj.get("metadata") or {}).get("ownerReferences") or ()
    return next((reference for reference in references if reference.get("controller")), None)


def set_conditions(status: Object, wanted: Iterable[Object], *, now: str) -> Object:
    """Return a status with these conditions, sorted by type as Knative does; a time changes only with its condition.

    Args:
        status: of the object, with the conditions as they were.
        wanted: each with type and status, and where they say something, reason, message and severity.
        now: RFC 3339, whole seconds.
    """
    before = {found["type"]: found for found in status.get("conditions") or ()}
    after = []
    for new in wanted:
        old = before.get(new["type"], {})
        same = {**new, "lastTransitionTime": None} == {**old, "lastTransitionTime": None}
        after.append({**new, "lastTransitionTime": old["lastTransitionTime"] if same else now})
    return {**status, "conditions": sorted(after, key=lambda found: str(found["type"]))}
