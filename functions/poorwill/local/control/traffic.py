"""Where the requests of a Route go: to all of its targets, or to none where one is not there.

From Knative's pkg/reconciler/route/traffic.
"""

from typing import NamedTuple

from poorwill.kinds.kind import CONFIGURATION, REVISION, Key, Object
from poorwill.kinds.objects import Condition, labels
from poorwill.local.control.conditions import condition, is_ready
from poorwill.local.control.labels import CONFIGURATION_LABEL, SERVICE_LABEL
from poorwill.local.control.plan import Find


class Target(NamedTuple):
    """One share of a Route's requests, at the level of Revisions."""

    tag: str
    revision: str
    is_latest: bool  # follows a Configuration's latest ready Revision
    percent: int


class Split(NamedTuple):
    """What a Route's traffic comes to: targets, or why there are none."""

    targets: tuple[Target, ...]
    problem: Condition | None = None


class _TargetError(Exception):
    """One target that can't be sent to: False for good, or Unknown for now."""

    def __init__(self, status: str, reason: str, message: str) -> None:
        super().__init__(message)
        self.condition = Condition(status, reason, message)


def resolve(route: Object, find: Find) -> Split:
    """Return the targets, equal ones added up; of several problems the last for good, else the first for now."""
    targets: list[Target] = []
    problem: Condition | None = None
    for entry in route["spec"].get("traffic", ()):
        try:
            _add(targets, _resolved(route, entry, find))
        except _TargetError as error:
            if problem is None or error.condition.status == "False":
                problem = error.condition
    return Split((), problem) if problem else Split(tuple(targets))


def _add(targets: list[Target], new: Target) -> None:
    for place, target in enumerate(targets):
        if target[:3] == new[:3]:
            targets[place] = target._replace(percent=target.percent + new.percent)
            return
    targets.append(new)


def _resolved(route: Object, entry: Object, find: Find) -> Target:
    namespace = route["metadata"]["namespace"]
    pinned = entry.get("revisionName", "")
    name = pinned or _latest_ready(_configuration(namespace, entry.get("configurationName", ""), find))
    revision = find(Key(REVISION, namespace, name))
    if revision is None:
        raise _TargetError("False", "RevisionMissing", f'Revision "{name}" referenced in traffic not found.')
    if pinned:
        _check_owner(route, revision)
    if not is_ready(revision):
        raise _unready(revision)
    if pinned and (configuration := labels(revision).get(CONFIGURATION_LABEL, "")):
        _configuration(namespace, configuration, find)
    return Target(entry.get("tag", ""), name, entry.get("latestRevision", not pinned), entry.get("percent") or 0)


def _configuration(namespace: str, name: str, find: Find) -> Object:
    configuration = find(Key(CONFIGURATION, namespace, name))
    if configuration is None:
        raise _TargetError("False", "ConfigurationMissing", f'Configuration "{name}" referenced in traffic not found.')
    return configuration


def _latest_ready(configuration: Object) -> str:
    latest: str = configuration.get("status", {}).get("latestReadyRevisionName", "")
    if latest:
        return latest
    name = configuration["metadata"]["name"]
    if condition(configuration, "Ready").status == "False":
        raise _TargetError("False", "RevisionMissing", f'Configuration "{name}" does not have any ready Revision.')
    text = f'Configuration "{name}" is waiting for a Revision to become ready.'
    raise _TargetError("Unknown", "RevisionMissing", text)


def _unready(revision: Object) -> _TargetError:
    name = revision["metadata"]["name"]
    if condition(revision, "Ready").status == "False":
        return _TargetError("False", "RevisionMissing", f'Revision "{name}" failed to become ready.')
    return _TargetError("Unknown", "RevisionMissing", f'Revision "{name}" is not yet ready.')


def _check_owner(route: Object, revision: Object) -> None:
    """Refuse a Service's Route to another Service's Revision; a Route of its own may name any."""
    wanted, found = labels(route).get(SERVICE_LABEL, ""), labels(revision).get(SERVICE_LABEL, "")
    if not wanted or wanted == found:
        return
    name = revision["metadata"]["name"]
    text = (
        f'belongs to Service "{found}", not Service "{wanted}"' if found else f'does not belong to Service "{wanted}"'
    )
    raise _TargetError("False", "RevisionNotOwned", f'Revision "{name}" {text}.')
