"""Which old Revisions of a Configuration go (pkg/reconciler/gc, config-gc's defaults)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from poorwill.kinds.kind import Object
from poorwill.kinds.objects import annotations, labels
from poorwill.local.control.labels import NO_GC, ROUTING_STATE_LABEL, ROUTING_STATE_MODIFIED

KEPT = 20
"""How many Revisions that no Route leads to stay in any case: min-non-active-revisions."""

_MOST = 1000  # max-non-active-revisions
_SINCE_CREATED = timedelta(hours=48)  # retain-since-create-time
_SINCE_ACTIVE = timedelta(hours=15)  # retain-since-last-active-time


def stale(configuration: Object, revisions: Iterable[Object], now: datetime) -> tuple[Object, ...]:
    """Return the Revisions to delete, those that were active longest ago first."""
    latest = configuration.get("status", {}).get("latestReadyRevisionName")
    idle = sorted((each for each in revisions if not _is_kept(each, latest)), key=_last_active)
    old = [each for each in idle if _is_old(each, now)][: max(0, len(idle) - KEPT)]
    rest = [each for each in idle if each not in old]
    return (*old, *rest[: max(0, len(rest) - _MOST)])


def _is_kept(revision: Object, latest: str | None) -> bool:
    return (
        revision["metadata"]["name"] == latest
        or annotations(revision).get(NO_GC, "").lower() == "true"
        or labels(revision).get(ROUTING_STATE_LABEL) != "reserve"
    )


def _last_active(revision: Object) -> datetime:
    created = datetime.fromisoformat(revision["metadata"]["creationTimestamp"])
    try:
        told = datetime.fromisoformat(annotations(revision).get(ROUTING_STATE_MODIFIED, ""))
    except ValueError:  # anybody may have written it
        return created
    return told if told.tzinfo else created


def _is_old(revision: Object, now: datetime) -> bool:
    created = datetime.fromisoformat(revision["metadata"]["creationTimestamp"])
    return now - created >= _SINCE_CREATED and now - _last_active(revision) >= _SINCE_ACTIVE
