"""A Service keeps one Configuration and one Route, and tells what they tell (pkg/reconciler/service)."""

from typing import Any

from poorwill.kinds.kind import CONFIGURATION, ROUTE, Object
from poorwill.kinds.objects import annotations, labels, observed
from poorwill.local.control.conditions import Conditions, condition
from poorwill.local.control.configuration import is_name_taken
from poorwill.local.control.labels import (
    LAST_APPLIED,
    ROLLOUT_DURATIONS,
    ROUTES,
    SERVICE_LABEL,
    SERVICE_UID_LABEL,
    is_controlled_by,
    made,
    routes_of,
)
from poorwill.local.control.plan import Note, Plan, created, failed

_DEPENDENTS = ("ConfigurationsReady", "RoutesReady")
_CONFIGURATION_FIELDS = ("latestCreatedRevisionName", "latestReadyRevisionName")
_ROUTE_FIELDS = ("url", "address", "traffic")
_SPEC_FIELDS = ("traffic",)


def configuration_for(service: Object, existing: Object | None) -> Object:
    """Return the Configuration that a Service wants; its own Route is always among those that it names."""
    metadata = service["metadata"]
    skipped = {LAST_APPLIED, ROUTES, *ROLLOUT_DURATIONS}
    notes = {name: text for name, text in annotations(service).items() if name not in skipped}
    routes = (routes_of(existing) if existing else set()) | {metadata["name"]}
    wanted = made(CONFIGURATION, service, metadata["name"])
    wanted["metadata"]["labels"] = {
        **labels(service),
        SERVICE_LABEL: metadata["name"],
        SERVICE_UID_LABEL: metadata["uid"],
    }
    wanted["metadata"]["annotations"] = notes | {ROUTES: ",".join(sorted(routes))}
    wanted["spec"] = {name: value for name, value in service["spec"].items() if name not in _SPEC_FIELDS}
    return wanted


def route_for(service: Object) -> Object:
    """Return the Route that a Service wants: its traffic, with the Configuration's name filled in."""
    name = service["metadata"]["name"]
    wanted = made(ROUTE, service, name)
    wanted["metadata"]["labels"] = {**labels(service), SERVICE_LABEL: name}
    wanted["metadata"]["annotations"] = {key: text for key, text in annotations(service).items() if key != LAST_APPLIED}
    wanted["spec"] = {
        "traffic": [
            target if target.get("revisionName") else {**target, "configurationName": name}
            for target in service["spec"].get("traffic", ())
        ]
    }
    return wanted


class _Pass:
    """One look at one Service: what was found wanting, in the order of Knative's reconciler."""

    def __init__(self, service: Object, now: str) -> None:
        self.service = service
        self.name: str = service["metadata"]["name"]
        self.conditions = Conditions(service, _DEPENDENTS, now)
        self.status: Object = dict(service.get("status", {}))
        self.writes: list[Object] = []
        self.notes: list[Note] = []

    def plan(self) -> Plan:
        status = self.conditions.told(self.service, self.status)
        return Plan(tuple(self.writes), status=status, notes=tuple(self.notes))

    def made(self, existing: Object | None, wanted: Object, ready: str) -> bool:
        """Write what is wanted, and return whether what is there is wanted and looked at already."""
        kind = wanted["kind"]
        if existing is None:
            self.writes.append(wanted)
            self.notes.append(created(kind, self.name))
        elif _differs(existing, wanted):
            self.writes.append(_revised(existing, wanted))
        if existing is not None and existing["spec"] == wanted["spec"] and observed(existing):
            return True
        text = f"The {kind} is still working to reflect the latest desired specification."
        self.conditions.unknown(ready, "OutOfDate", text)
        return False

    def is_foreign(self, existing: Object | None, ready: str) -> bool:
        """Return whether the name is somebody else's, and say so."""
        if existing is None or is_controlled_by(existing, self.service):
            return False
        kind = existing["kind"]
        self.conditions.false(ready, "NotOwned", f'There is an existing {kind} "{self.name}" that we do not own.')
        self.notes.append(failed(f'service: "{self.name}" does not own {kind.lower()}: "{self.name}"'))
        return True

    def propagate(self, child: Object, fields: tuple[str, ...], ready: str) -> None:
        """Take over what a Configuration or a Route says of itself."""
        told: dict[str, Any] = child.get("status", {})
        self.status = {name: value for name, value in self.status.items() if name not in fields}
        self.status |= {name: told[name] for name in fields if name in told}
        self.conditions.take(ready, condition(child, "Ready"))


def reconcile(
    service: Object, *, configuration: Object | None, route: Object | None, named: Object | None, now: str
) -> Plan:
    """Return what a Service wants; `named` is the Revision of the name that its template gives, where it gives one."""
    look = _Pass(service, now)
    if look.is_foreign(configuration, "ConfigurationsReady"):
        return look.plan()
    wanted = configuration_for(service, configuration)
    own_name = wanted["spec"]["template"].get("metadata", {}).get("name", "")
    if look.made(configuration, wanted, "ConfigurationsReady") and configuration is not None:
        look.propagate(configuration, _CONFIGURATION_FIELDS, "ConfigurationsReady")
    elif own_name:  # the Route may not go to a Revision of that name before it is known to be the right one
        return look.plan()
    if configuration is not None and named is not None and is_name_taken(configuration, named):
        text = f'The revision name "{own_name}" is taken by a conflicting Revision, so traffic will not be migrated'
        look.conditions.false("RoutesReady", "RevisionNameTaken", text)
        return look.plan()
    if look.is_foreign(route, "RoutesReady"):
        return look.plan()
    if look.made(route, route_for(service), "RoutesReady") and route is not None:
        look.propagate(route, _ROUTE_FIELDS, "RoutesReady")
        if look.conditions.status("RoutesReady") == "True" and not _is_migrated(route, configuration):
            text = "Traffic is not yet migrated to the latest revision."
            look.conditions.unknown("RoutesReady", "TrafficNotMigrated", text)
    return look.plan()


def _differs(existing: Object, wanted: Object) -> bool:
    return (
        existing["spec"] != wanted["spec"]
        or labels(existing) != labels(wanted)
        or annotations(existing) != annotations(wanted)
    )


def _revised(existing: Object, wanted: Object) -> Object:
    metadata = {
        **existing["metadata"],
        "labels": wanted["metadata"]["labels"],
        "annotations": wanted["metadata"]["annotations"],
    }
    return {**existing, "metadata": metadata, "spec": wanted["spec"]}


def _is_migrated(route: Object, configuration: Object | None) -> bool:
    """Return whether the traffic is where the Service wants it, at the latest ready Revision."""
    told = configuration.get("status", {}) if configuration else {}
    latest = told.get("latestReadyRevisionName", "")
    name = configuration["metadata"]["name"] if configuration else ""
    wanted = [
        (
            target.get("tag", ""),
            latest if target.get("configurationName") == name else target.get("revisionName", ""),
            target.get("percent", 0),
        )
        for target in route["spec"]["traffic"]
    ]
    got = [
        (target.get("tag", ""), target.get("revisionName", ""), target.get("percent", 0))
        for target in route.get("status", {}).get("traffic", ())
    ]
    return wanted == got
