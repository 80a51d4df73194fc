"""Marks on Revisions and Configurations of the Routes that lead to them (pkg/reconciler/labeler)."""

from collections.abc import Iterable

from poorwill.kinds.kind import CONFIGURATION, REVISION, Key, Object, kind_of
from poorwill.kinds.objects import annotations, labels
from poorwill.local.control.conditions import is_failed, is_ready
from poorwill.local.control.labels import (
    ROUTES,
    ROUTING_STATE_LABEL,
    ROUTING_STATE_MODIFIED,
    SERVICE_LABEL,
    configuration_of,
    is_terminating,
    routes_of,
)
from poorwill.local.control.plan import Find


def reconcile(route: Object, *, find: Find, marked: Iterable[Key], now: str) -> tuple[Object, ...]:
    """Return the objects whose marks change; `marked` are those that name the Route."""
    name = route["metadata"]["name"]
    wanted = set() if is_terminating(route) else _wanted(route, find)
    stale = set(marked) - wanted if is_terminating(route) or is_ready(route) or is_failed(route) else set()
    found = [(find(key), key in wanted) for key in sorted(wanted | stale, key=str)]
    changed = [
        (obj, _marked(obj, name, now, is_wanted=is_wanted))
        for obj, is_wanted in found
        if obj is not None and (is_wanted or is_terminating(route) or not _is_insisted_on(obj, name))
    ]
    return tuple(new for obj, new in changed if new != obj)


def _wanted(route: Object, find: Find) -> set[Key]:
    """Return what the Route's wish and its last good split lead to, and what they are about to lead to."""
    namespace = route["metadata"]["namespace"]
    wanted: set[Key] = set()
    for target in (*route.get("status", {}).get("traffic", ()), *route["spec"].get("traffic", ())):
        configuration_name = target.get("configurationName", "")
        if target.get("revisionName"):
            revision = find(Key(REVISION, namespace, target["revisionName"]))
            if revision is None:
                continue
            wanted.add(Key(REVISION, namespace, target["revisionName"]))
            configuration_name = configuration_of(revision) or configuration_name
        configuration = find(Key(CONFIGURATION, namespace, configuration_name)) if configuration_name else None
        if configuration is None:
            continue
        wanted.add(Key(CONFIGURATION, namespace, configuration_name))
        latest = configuration.get("status", {}).get("latestCreatedRevisionName", "")
        if latest and target.get("latestRevision", not target.get("revisionName")):
            wanted.add(Key(REVISION, namespace, latest))
    return wanted


def _is_insisted_on(obj: Object, route: str) -> bool:
    """Return whether a Service marks its Configuration with its own Route's name, wherever that Route leads.

    Knative's labeler takes such a mark off, and the Service puts it back, without end.
    """
    return kind_of(obj) is CONFIGURATION and labels(obj).get(SERVICE_LABEL) == route


def _marked(obj: Object, route: str, now: str, *, is_wanted: bool) -> Object:
    """Return the object with the Route among its marks, or without it."""
    routes = routes_of(obj) | {route} if is_wanted else routes_of(obj) - {route}
    notes = {key: text for key, text in annotations(obj).items() if key != ROUTES}
    notes |= {ROUTES: ",".join(sorted(routes))} if routes else {}
    marks = dict(labels(obj))
    if kind_of(obj) is REVISION:
        state = "active" if routes else "reserve"
        if marks.get(ROUTING_STATE_LABEL) != state:
            marks[ROUTING_STATE_LABEL] = state
            notes[ROUTING_STATE_MODIFIED] = now
    metadata = dict(obj["metadata"])
    for field, values in (("annotations", notes), ("labels", marks)):
        if values or field in metadata:
            metadata[field] = values
    return {**obj, "metadata": metadata}
