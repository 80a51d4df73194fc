"""Every write to an object that people and machines share: over the state that was read, and over no other."""

from collections.abc import Callable
from uuid import uuid4

from poorwill.delivery.api_answer import OvertakenError
from poorwill.delivery.cluster import Cluster
from poorwill.delivery.owned import FIELD_MANAGER, abandoned, owned
from poorwill.errors import ConflictError, Fault
from poorwill.kinds.kind import Object, kind_of
from poorwill.kinds.objects import annotations, labels

_TRIES = 5
_LOOK = "look at it and try again"


def write_over(
    cluster: Cluster,
    read: Object,
    wanted: Callable[[Object], Object],
    *,
    advice: str,
    dry_run: bool = False,
    force: bool = False,
) -> Object:
    """Apply over an object as it was read; a status that moved on is no change, anything else is, and is kept.

    Args:
        cluster: where it is.
        read: the object.
        wanted: returns what is applied, of the object as it now is.
        advice: what to do about a field that another manager has.
        dry_run: let the cluster check it alone.
        force: take the fields that others have.

    Raises:
        OvertakenError: somebody changed or deleted it meanwhile; nothing was written.
        ConflictError: fields that others manage; nothing was written.
    """

    def apply(now: Object) -> Object:
        return cluster.apply(_over(wanted(now), now), dry_run=dry_run, force=force)

    try:
        return _while_as(cluster, read, apply)
    except OvertakenError:
        raise
    except ConflictError as error:
        raise ConflictError(*(fault._replace(next=advice) for fault in error.faults)) from error


def delete_over(cluster: Cluster, read: Object) -> None:
    """Delete an object as it was read; raises OvertakenError as write_over does."""
    kind, name = kind_of(read), read["metadata"]["name"]

    def delete(now: Object) -> Object:
        cluster.delete(kind, name, only=now["metadata"])
        return now

    _while_as(cluster, read, delete)


def establish(cluster: Cluster, obj: Object, *, dry_run: bool = False) -> Object:
    """Write an object that was not there; one that came in between and is another is an OvertakenError.

    The API has no such precondition: a manager that nobody else is meets a conflict instead, and hands over.
    """
    once = f"{FIELD_MANAGER}-{uuid4().hex[:12]}"
    try:
        made = cluster.apply(obj, manager=once, dry_run=dry_run)
    except ConflictError as error:
        where = f"{obj['kind']} {obj['metadata']['name']}"
        fault = Fault(where, "none, as when it was read", "one that somebody made meanwhile", _LOOK)
        raise OvertakenError(fault) from error
    if dry_run:
        return made
    return claimed(cluster, made)


def claimed(cluster: Cluster, read: Object) -> Object:
    """Return an object once Poorwill has what a manager of a moment has of it, were its process ended meanwhile.

    It is handed over as it now is: what admission has added since would be a conflict.
    """
    left = abandoned(read)
    if not left:
        return read
    now = write_over(cluster, read, lambda found: owned(found, (FIELD_MANAGER, *left)), advice=_LOOK)
    for manager in left:
        bare = {"apiVersion": now["apiVersion"], "kind": now["kind"], "metadata": {"name": now["metadata"]["name"]}}
        now = cluster.apply(bare, manager=manager)
    if intent(now) != intent(read):
        raise _overtaken(read)
    return now


def intent(obj: Object) -> tuple[object, ...]:
    """Return what somebody asked for in an object, which a status does not touch."""
    metadata = obj["metadata"]
    return metadata["uid"], obj.get("spec"), annotations(obj), labels(obj), metadata.get("deletionTimestamp")


def _while_as(cluster: Cluster, read: Object, act: Callable[[Object], Object]) -> Object:
    kind, name, now = kind_of(read), read["metadata"]["name"], read
    for _ in range(_TRIES):
        try:
            return act(now)
        except OvertakenError:
            found = cluster.get(kind, name)
            if found is None or intent(found) != intent(read):
                raise
            now = found
    raise _overtaken(read)


def _over(obj: Object, now: Object) -> Object:
    # without the uid, one that was deleted meanwhile would come again
    over = {name: now["metadata"][name] for name in ("uid", "resourceVersion")}
    return obj | {"metadata": obj["metadata"] | over}


def _overtaken(obj: Object) -> OvertakenError:
    where = f"{obj['kind']} {obj['metadata']['name']}"
    return OvertakenError(Fault(where, "as it was when it was read", "a change by somebody else", _LOOK))
