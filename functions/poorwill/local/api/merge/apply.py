"""Server-side apply: one manager's configuration into an object that others write, too.

As Kubernetes documents it (Server-Side Apply) and structured-merge-diff 6.3 does it.
"""

import json
from typing import Any, NamedTuple

from poorwill.errors import ConflictError, Fault, InvalidRequestError
from poorwill.kinds.kind import Object, kind_of
from poorwill.local.api.merge.combine import combine, remove, with_parents
from poorwill.local.api.merge.compare import compare, fields_of, same
from poorwill.local.api.merge.fields import NONE, Fields, Path, text, without
from poorwill.local.api.merge.ownership import (
    SERVER_METADATA,
    Holding,
    Holdings,
    Owner,
    adopted,
    owned,
    read,
    transferred,
    without_entries,
    written,
)
from poorwill.local.api.merge.schema import Shape, blank, ignored, shape_of
from poorwill.local.api.merge.settle import settled

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


class Conflict(NamedTuple):
    """One field that another manager owns and has another value for."""

    manager: str
    field: str  # as the API server writes it: .data.colour
    message: str = ""  # the cause as the API server words it


class ApplyConflictError(ConflictError):
    """A configuration that would take fields from their managers; `force` takes them."""

    def __init__(self, conflicts: tuple[Conflict, ...]) -> None:
        super().__init__(*map(_fault, conflicts))
        self.conflicts = conflicts

    @property
    def message(self) -> str:
        """Return all conflicts as the API server tells them."""
        first = self.conflicts[0]
        if len(self.conflicts) == 1:
            return f"Apply failed with 1 conflict: {first.message}: {first.field}"
        lines: list[str] = []
        for conflict in self.conflicts:
            head = f"{conflict.message.replace('conflict', 'conflicts', 1)}:"
            lines += [f"- {conflict.field}"] if head in lines else [head, f"- {conflict.field}"]
        return f"Apply failed with {len(self.conflicts)} conflicts: " + "\n".join(lines)


def _fault(conflict: Conflict) -> Fault:
    return Fault(
        conflict.field,
        "a field that no other manager owns",
        f"one of {conflict.manager}",
        "leave it out, give it the same value, or force the conflict",
    )


def apply(live: Object | None, config: Object, *, manager: str, force: bool, now: str, subresource: str = "") -> Object:
    """Return the object after a server-side apply, metadata.managedFields included; it shares nothing with `config`.

    `config` is what the client sent, before any default; `live` what is stored, None where nothing is. Hand the result
    to admission as it is: nobody owns what that adds. The caller checks the configuration's resourceVersion and uid
    against the live ones. `now` is RFC 3339 in whole seconds. Raises ApplyConflictError, InvalidRequestError.
    """
    if config.get("metadata", {}).get("managedFields") is not None:
        raise InvalidRequestError(
            Fault("metadata.managedFields", "none in a configuration", "some", "leave metadata.managedFields out")
        )
    step = _Step(live, config, manager, now, subresource)
    if not force and (conflicts := step.conflicts()):
        raise ApplyConflictError(tuple(_conflict(owner, path) for owner, lost in conflicts for path in sorted(lost)))
    return _with_last_applied(step.result(), config, manager)


class _Step:
    """One apply, merged and compared, not decided yet."""

    def __init__(self, live: Object | None, config: Object, manager: str, now: str, subresource: str) -> None:
        kind = kind_of(config)
        self._unwritable = ignored(kind, subresource)
        self._shape = shape_of(kind)
        self._now = now
        self._owner = Owner(manager, "Apply", config["apiVersion"], subresource)
        self._held: Holdings = (
            {} if live is None else read(live["metadata"].get("managedFields")) or adopted(live, now=now)
        )
        self._created = live is None
        self._live = blank(kind) if live is None else without_entries(live)
        self._manager = manager
        wanted = _without_server_nulls(config)
        fields = without(fields_of(wanted, self._shape), self._unwritable)
        last = self._held.get(self._owner, Holding(NONE))
        self._holdings = {**self._held, self._owner: Holding(fields, last.time)}
        merged = combine({} if live is None else self._live, wanted, self._shape)
        self._merged = _pruned(merged, last.fields, self._holdings, self._shape)
        self._changes = compare(self._live, self._merged, self._shape).without(self._unwritable)

    def conflicts(self) -> list[tuple[Owner, Fields]]:
        """Return which owners would lose which fields."""
        found = [
            (owner, lost)
            for owner, holding in sorted(self._held.items())
            if owner != self._owner and (lost := holding.fields & self._changes.changed)
        ]
        allowed = self._client_side() if found and self._manager == "kubectl" else NONE
        return [(owner, lost - allowed) for owner, lost in found if lost - allowed]

    def _client_side(self) -> Fields:
        """Return what kubectl applied on its own side before and nobody changed since: it may take that over."""
        text_of_last = self._live["metadata"].get("annotations", {}).get(LAST_APPLIED, "")
        try:
            last = json.loads(text_of_last)
        except ValueError:
            return NONE
        if not isinstance(last, dict) or last.get("apiVersion") != self._live["apiVersion"]:
            return NONE
        changes = compare(last, self._live, self._shape)
        return fields_of(last, self._shape) - changes.changed - changes.removed

    def result(self) -> Object:
        """Return the object with its new owners."""
        changed = self._created or not same(self._live, self._merged)
        left = transferred(self._holdings, self._changes, but=self._owner)
        mine = left.pop(self._owner, Holding(NONE))
        if fields := owned(mine.fields):
            left[self._owner] = Holding(fields, self._now if changed else mine.time)
        return written(_without_nulls(settled(self._merged)), left)


def _conflict(owner: Owner, path: Path) -> Conflict:
    message = f'conflict with "{owner.manager}"'
    message += f' with subresource "{owner.subresource}"' if owner.subresource else ""
    message += f" using {owner.api_version}" if owner.operation == "Update" else ""
    return Conflict(owner.manager, text(path), message)


def _without_nulls(value: Any) -> Any:
    """Return an object without what the merge emptied."""
    if not isinstance(value, dict):
        return value
    return {name: _without_nulls(child) for name, child in value.items() if child is not None}


def _without_server_nulls(config: Object) -> Object:
    """Return a configuration without the nulls that clients write for what the server sets."""
    metadata = config.get("metadata", {})
    kept = {name: value for name, value in metadata.items() if value is not None or name not in SERVER_METADATA}
    return {**config, "metadata": kept}


def _pruned(merged: Any, last: Fields, holdings: Holdings, shape: Shape) -> Any:
    """Return the merged object without what its applier owned before, left out now, and nobody else owns."""
    if not last:
        return merged
    mine = with_parents(last, shape)
    everything = with_parents(fields_of(merged, shape), shape)
    managed = with_parents(frozenset().union(*(holding.fields for holding in holdings.values())), shape)
    pruned = remove(merged, mine, shape)
    kept = with_parents(fields_of(pruned, shape), shape) | managed
    pruned = remove(merged, everything - kept, shape)
    gone = everything - with_parents(fields_of(pruned, shape), shape)
    return remove(merged, gone & mine, shape)


def _with_last_applied(obj: Object, config: Object, manager: str) -> Object:
    """Return the object with kubectl's own record of what it applied kept true, where it has one."""
    annotations = obj["metadata"].get("annotations") or {}
    if manager != "kubectl" or not annotations.get(LAST_APPLIED):
        return obj
    metadata = dict(config.get("metadata", {}))
    sent = {name: value for name, value in (metadata.pop("annotations", None) or {}).items() if name != LAST_APPLIED}
    metadata |= {"annotations": sent} if sent else {}
    last = json.dumps({**config, "metadata": metadata}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return {**obj, "metadata": {**obj["metadata"], "annotations": {**annotations, LAST_APPLIED: last + "\n"}}}
