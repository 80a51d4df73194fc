"""Who owns which field: metadata.managedFields, and what an ordinary write does to it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from poorwill.kinds.kind import Object, kind_of
from poorwill.local.api.merge.compare import Comparison, compare
from poorwill.local.api.merge.fields import Fields, Path, field_step, from_json, to_json
from poorwill.local.api.merge.schema import blank, ignored, shape_of
from poorwill.local.api.merge.settle import settled

SERVER_METADATA = frozenset(
    (
        "name",
        "namespace",
        "creationTimestamp",
        "selfLink",
        "uid",
        "clusterName",
        "generation",
        "managedFields",
        "resourceVersion",
    )
)
"""Fields of metadata that nobody owns."""

_UNOWNED: Fields = frozenset(
    {("f:apiVersion",), ("f:kind",), ("f:metadata",)} | {("f:metadata", field_step(name)) for name in SERVER_METADATA}
)

MOST_UPDATERS = 10
"""How many entries of operation Update an object keeps; older ones become one (Kubernetes' own limit)."""

_OLD_UPDATERS = "ancient-changes"


class Owner(NamedTuple):
    """Who wrote, and how: one entry of managedFields without its fields."""

    manager: str
    operation: str  # Apply or Update
    api_version: str
    subresource: str = ""


class Holding(NamedTuple):
    """What one owner has, and since when; "" where nothing says."""

    fields: Fields
    time: str = ""


Holdings = Mapping[Owner, Holding]


def owned(fields: Fields) -> Fields:
    """Return what of a set of fields can be owned at all."""
    return fields - _UNOWNED


def without_entries(obj: Object) -> Object:
    """Return an object without its managedFields; the rest is shared."""
    metadata = {name: value for name, value in obj.get("metadata", {}).items() if name != "managedFields"}
    return {**obj, "metadata": metadata}


def read(entries: Any) -> dict[Owner, Holding]:
    """Return what metadata.managedFields says; ValueError when it isn't what an API server takes."""
    return dict(map(_entry, entries or ()))


def _entry(entry: Any) -> tuple[Owner, Holding]:
    match entry:
        case {"operation": "Apply" | "Update" as operation, "apiVersion": str(version), "fieldsType": "FieldsV1"}:
            owner = Owner(entry.get("manager", ""), operation, version, entry.get("subresource", ""))
            return owner, Holding(from_json(entry.get("fieldsV1", {})), entry.get("time") or "")
    raise ValueError("an entry has an operation, an apiVersion and the type of its fields")


def written(obj: Object, holdings: Holdings) -> Object:
    """Return an object with these entries in metadata.managedFields, in the API server's order."""
    bare = without_entries(obj)
    if holdings:
        bare["metadata"]["managedFields"] = [
            _json(owner, holdings[owner]) for owner in sorted(holdings, key=_rank(holdings))
        ]
    return bare


def _rank(holdings: Holdings) -> Any:
    return lambda owner: (owner.operation, holdings[owner].time, owner.manager, owner.api_version, owner.subresource)


def _json(owner: Owner, holding: Holding) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "apiVersion": owner.api_version,
        "fieldsType": "FieldsV1",
        "fieldsV1": to_json(holding.fields),
    }
    entry |= {"manager": owner.manager, "operation": owner.operation}
    if owner.subresource:
        entry["subresource"] = owner.subresource
    if holding.time:
        entry["time"] = holding.time
    return entry


def transferred(holdings: Holdings, changes: Comparison, but: Owner | None = None) -> dict[Owner, Holding]:
    """Return what owners have left once others' changes took what they took; one is let be."""
    gone = changes.changed | changes.removed
    left = {
        owner: holding if owner == but else holding._replace(fields=holding.fields - gone)
        for owner, holding in holdings.items()
    }
    return {owner: holding for owner, holding in left.items() if holding.fields}


def before(live: Object | None, new: Object, subresource: str = "") -> dict[Owner, Holding]:
    """Return the entries that a write starts from: its own where it brings some, or else the live ones.

    One empty entry, or an empty list, in the written object clears them.
    """
    sent = new.get("metadata", {}).get("managedFields")
    current = (live or {}).get("metadata", {}).get("managedFields")
    if not subresource and sent is not None and (not sent or sent == [{}]):
        return {}
    for entries in (() if subresource else sent, current):
        try:
            if found := read(entries):
                return found
        except (ValueError, AttributeError, TypeError):  # what a client broke is as if it had not been sent
            continue
    return {}


def record_update(live: Object | None, new: Object, *, manager: str, now: str, subresource: str = "") -> Object:
    """Return the object with metadata.managedFields after a create, an update or a patch by a manager.

    `new` is the whole object as the write left it: decoded with the kind's own defaults, but before admission, whose
    additions nobody owns. Hand what this returns to admission, then store it. `live` is what was stored before, None
    for a create. `now` is RFC 3339 in whole seconds.
    """
    new, held = settled(new), before(live, new, subresource)
    if live is not None and not held:
        return without_entries(new)  # an object that nobody's fields are known of stays so until the first apply
    return written(
        new,
        _updated(
            held, _changes(live, new, ignored(kind_of(new), subresource)), _updater(new, manager, subresource), now
        ),
    )


def _updater(obj: Object, manager: str, subresource: str) -> Owner:
    return Owner(manager or "unknown", "Update", obj["apiVersion"], subresource)


def _changes(live: Object | None, new: Object, unwritable: frozenset[str]) -> Comparison:
    kind = kind_of(new)
    old = blank(kind) if live is None else without_entries(live)
    return compare(old, without_entries(new), shape_of(kind)).without(unwritable)


def _updated(held: Holdings, changes: Comparison, owner: Owner, now: str) -> dict[Owner, Holding]:
    left = transferred(held, changes)
    if taken := owned(changes.changed):
        left[owner] = Holding(taken | left.get(owner, Holding(frozenset())).fields, now)
    return _capped(left)


def adopted(live: Object, *, now: str) -> dict[Owner, Holding]:
    """Return the entries of an object that has none, at its first apply: one owner of all that is there."""
    changes = _changes(None, live, ignored(kind_of(live), ""))
    return _updated({}, changes, Owner("before-first-apply", "Update", live["apiVersion"]), now)


def _capped(holdings: dict[Owner, Holding]) -> dict[Owner, Holding]:
    """Return the entries with the oldest updaters as one, so that an object's metadata stays bounded."""
    updaters = [owner for owner in sorted(holdings, key=_rank(holdings)) if owner.operation == "Update"]
    excess = len(updaters) - MOST_UPDATERS
    if excess <= 0:
        return holdings
    old = updaters[: excess + 1]
    fields: frozenset[Path] = frozenset().union(*(holdings[owner].fields for owner in old))
    bucket = Owner(_OLD_UPDATERS, "Update", old[0].api_version)
    kept = {owner: holding for owner, holding in holdings.items() if owner not in old}
    return {**kept, bucket: Holding(fields, holdings[old[-1]].time)}
