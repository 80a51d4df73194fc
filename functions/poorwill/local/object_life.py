"""What Kubernetes makes of an object over its life: pure rules for marks, generations, status and deletion."""

from poorwill.kinds import job_defaults
from poorwill.kinds.kind import JOB, NAMESPACE, NETWORK_POLICY, POD, Kind, Object, kind_of

_MARKS = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation")

_GRACE_SECONDS = 30  # of a Pod that says nothing else


def begun(obj: Object, uid: str, timestamp: str) -> Object:
    """Return a new object with the marks that the server sets, and none that the caller made up."""
    metadata = {name: value for name, value in obj["metadata"].items() if name not in _MARKS}
    metadata |= {"uid": uid, "creationTimestamp": timestamp}
    if has_generation(kind_of(obj)):
        metadata["generation"] = 1
    new = {**obj, "metadata": metadata}
    return job_defaults.selected(new, uid) if kind_of(obj) is JOB else new


def marked_for_deletion(live: Object, timestamp: str, grace_seconds: int | None = None) -> Object:
    """Return an object that waits for its finalizers; a Pod for its processes, too, for so long at most."""
    grace = 0
    if kind_of(live) is POD:
        own: int = live.get("spec", {}).get("terminationGracePeriodSeconds", _GRACE_SECONDS)
        grace = own if grace_seconds is None else grace_seconds
    metadata = {**live["metadata"], "deletionTimestamp": timestamp, "deletionGracePeriodSeconds": grace}
    if "generation" in metadata:
        metadata["generation"] += 1
    if kind_of(live) is NAMESPACE:
        return {**live, "metadata": metadata, "status": {**live.get("status", {}), "phase": "Terminating"}}
    return {**live, "metadata": metadata}


def sooner(live: Object, grace_seconds: int | None) -> Object | None:
    """Return a Pod that goes already and is to go sooner; None where that changes nothing."""
    metadata = live["metadata"]
    if kind_of(live) is not POD or grace_seconds is None or metadata["deletionGracePeriodSeconds"] <= grace_seconds:
        return None
    return {**live, "metadata": {**metadata, "deletionGracePeriodSeconds": grace_seconds}}


def has_generation(kind: Kind) -> bool:
    """Return whether Kubernetes counts what was asked of a kind: where there is somebody to say what he saw."""
    return kind.custom or kind in {POD, NETWORK_POLICY, JOB}


def held(obj: Object) -> bool:
    """Return whether somebody has yet to tidy up before the object may go."""
    return bool(
        obj["metadata"].get("finalizers") or (kind_of(obj) is NAMESPACE and obj.get("spec", {}).get("finalizers"))
    )


def with_status(live: Object, obj: Object) -> Object:
    """Return the object with a new status. Nothing else of it changes but who owns which field."""
    metadata = dict(live["metadata"])
    if "managedFields" in obj["metadata"]:
        metadata["managedFields"] = obj["metadata"]["managedFields"]
    new = {name: value for name, value in live.items() if name != "status"}
    return {**new, "metadata": metadata, **({"status": obj["status"]} if "status" in obj else {})}


def with_content(kind: Kind, live: Object, obj: Object) -> Object:
    """Return the object with everything new but its status and what the server alone sets."""
    kept = {name: live["metadata"][name] for name in (*_MARKS, "resourceVersion") if name in live["metadata"]}
    given = {name: value for name, value in obj["metadata"].items() if name not in _MARKS}
    new = {**obj, "metadata": {**given, **kept}}
    if kind.status:
        new.pop("status", None)
        new |= {"status": live["status"]} if "status" in live else {}
    if "generation" in kept and _asked(new) != _asked(live):
        new["metadata"]["generation"] += 1
    return new


def _asked(obj: Object) -> Object:
    return {name: value for name, value in obj.items() if name not in {"metadata", "status"}}


def comparable(obj: Object) -> Object:
    """Return what makes an object another: neither its version nor the times at which managers wrote the same."""
    metadata = {name: value for name, value in obj["metadata"].items() if name != "resourceVersion"}
    if managers := metadata.get("managedFields"):
        metadata["managedFields"] = [{**manager, "time": ""} for manager in managers]
    return {**obj, "metadata": metadata}
