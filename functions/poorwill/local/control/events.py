"""Kubernetes Events: what reconcilers and the kubelet tell of an object, counted where it happens again."""

import hashlib
from datetime import datetime, timedelta

from poorwill.kinds.kind import EVENT, Key, Object, key_of
from poorwill.local.control.plan import Note
from poorwill.local.state import State

_KEPT = timedelta(hours=1)  # kube-apiserver's --event-ttl
_FORM = "%Y-%m-%dT%H:%M:%SZ"


def record(state: State, obj: Object, note: Note, *, component: str, now: datetime, count: int = 0) -> None:
    """Write an Event of an object, or count it once more; `count` is how often it happened, 0 once more than before."""
    name = _name(obj, note, component)
    namespace = obj["metadata"].get("namespace") or "default"
    existing = state.get(Key(EVENT, namespace, name))
    moment = now.strftime(_FORM)
    if existing is None:
        state.create(_event(obj, note, component, moment) | {"count": count or 1} | _placed(namespace, name))
    elif count != existing["count"]:
        state.update({**existing, "count": count or existing["count"] + 1, "lastTimestamp": moment})


def expire(state: State, now: datetime) -> None:
    """Delete the Events of more than an hour ago."""
    oldest = (now - _KEPT).strftime(_FORM)
    for event in state.list(EVENT):
        if (event.get("lastTimestamp") or "") < oldest:
            state.delete(key_of(event))


def _name(obj: Object, note: Note, component: str) -> str:
    told = "\0".join((obj["metadata"].get("uid", ""), component, *note))
    return f"{obj['metadata']['name']}.{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _placed(namespace: str, name: str) -> Object:
    return {"metadata": {"namespace": namespace, "name": name}}


def _event(obj: Object, note: Note, component: str, moment: str) -> Object:
    about = {name: obj["metadata"][name] for name in ("namespace", "name", "uid") if name in obj["metadata"]}
    about["resourceVersion"] = obj["metadata"].get("resourceVersion", "")
    return {
        "apiVersion": EVENT.api_version,
        "kind": EVENT.kind,
        "involvedObject": {"apiVersion": obj["apiVersion"], "kind": obj["kind"], **about},
        "type": note.type,
        "reason": note.reason,
        "message": note.message,
        "firstTimestamp": moment,
        "lastTimestamp": moment,
        "eventTime": None,
        "source": {"component": component},
        "reportingComponent": component,
        "reportingInstance": "",
    }
