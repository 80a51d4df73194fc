"""What a write of one kind may change: its status alone, or all but that and what Kubernetes keeps from it."""

from poorwill.kinds import structure
from poorwill.kinds.kind import NAMESPACE, Kind, Object
from poorwill.kinds.structures import structure_of
from poorwill.local.api.status import Cause, invalid

_FINALIZER = "kubernetes"
"""Keeps a namespace until all in it is gone."""


def writable(kind: Kind, live: Object | None, obj: Object, *, status: bool) -> Object:
    """Return an object as a write may leave it; Invalid for a status that is not of its kind.

    Args:
        kind: of the object.
        live: as it is stored, None where it is new.
        obj: as the caller wants it.
        status: whether its status is written, and not all the rest.
    """
    if status and live:
        return _with_status(kind, live, obj)
    if kind is NAMESPACE:
        return _namespace(live, obj)
    if kind.status:
        new = {name: value for name, value in obj.items() if name != "status"}
        return {**new, "status": live["status"]} if live and "status" in live else new
    return obj


def _with_status(kind: Kind, live: Object, obj: Object) -> Object:
    """Return the live object with the caller's metadata and status, checked as a CRD's schema checks it."""
    new = {**live, "metadata": obj["metadata"], "status": obj.get("status")}
    if new["status"] is None:
        del new["status"]
        return new
    causes = [
        Cause("FieldValueTypeInvalid", f"wanted {found.fault.wanted}, found {found.fault.found}", found.where)
        for found in structure.departures(new, structure_of(new))
        if not found.unknown and found.where.startswith("status")
    ]
    if causes:
        raise invalid(kind, live["metadata"]["name"], causes)
    return {**new, "status": structure.tidied(new, structure_of(new))["status"]}


def _namespace(live: Object | None, obj: Object) -> Object:
    """Return a namespace with the finalizers and the status that it has: a write of the whole sets neither."""
    spec = obj.get("spec") or {}
    if not isinstance(spec, dict):  # admission says so
        return obj
    if live is None:
        given = spec.get("finalizers") or []
        finalizers = given if not isinstance(given, list) or _FINALIZER in given else [*given, _FINALIZER]
        return {**obj, "spec": {**spec, "finalizers": finalizers}, "status": {"phase": "Active"}}
    new = {name: value for name, value in obj.items() if name != "status"}
    kept = {name: live[name] for name in ("status",) if name in live}
    return {**new, **kept, "spec": {**spec, "finalizers": live.get("spec", {}).get("finalizers", [])}}
