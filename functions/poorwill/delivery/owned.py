"""What a manager of server-side apply has of an object, by its managedFields; client-go's Extract reads them so, too.

Whoever applies less than that takes the rest away, were it a label that keeps a model private.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from poorwill.kinds.kind import Object

FIELD_MANAGER = "poorwill"
_ONCE = re.compile(rf"{FIELD_MANAGER}-[0-9a-f]{{12}}", re.ASCII)
_ANY = object()  # equal to nothing that JSON has


def owned(obj: Object, managers: Iterable[str] = (FIELD_MANAGER,)) -> Object:
    """Return the part of an object that these managers applied, with what says which object it is.

    Args:
        obj: as the API has it, managedFields included.
        managers: by name; what they wrote otherwise than by server-side apply is not theirs to keep.
    """
    fields: dict[str, Any] = {}
    names = frozenset(managers)
    for entry in _applied(obj):
        if entry.get("manager") in names:
            fields = _both(fields, entry.get("fieldsV1") or {})
    metadata = obj["metadata"]
    found: Object = _part(obj, fields) if fields else {}
    named = {name: metadata[name] for name in ("name", "namespace") if name in metadata}
    head = {"apiVersion": obj["apiVersion"], "kind": obj["kind"]}
    copied: Object = json.loads(json.dumps(head | found | {"metadata": (found.get("metadata") or {}) | named}))
    return copied


def abandoned(obj: Object) -> tuple[str, ...]:
    """Return the managers of a moment that made an object and did not come to hand it over."""
    names = (entry.get("manager", "") for entry in _applied(obj))
    return tuple(sorted({name for name in names if _ONCE.fullmatch(name)}))


def _applied(obj: Object) -> list[Object]:
    entries = obj["metadata"].get("managedFields") or ()
    return [entry for entry in entries if entry.get("operation") == "Apply" and not entry.get("subresource")]


def _both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return the union of two sets of fields, as fieldsV1 writes them."""
    steps = dict.fromkeys((*one, *other))
    return {step: _both(one.get(step) or {}, other.get(step) or {}) for step in steps}


def _part(value: Any, fields: dict[str, Any]) -> Any:
    """Return what of a value lies in a set of fields; all of it where the set goes no deeper."""
    below = {step: child for step, child in fields.items() if step != "."}
    if not below:
        return value
    if isinstance(value, dict):
        named = ((step.removeprefix("f:"), child) for step, child in below.items())
        return {name: _part(value[name], child) for name, child in named if name in value}
    if isinstance(value, list):
        return [
            _item(item, step, child)
            for at, item in enumerate(value)
            for step, child in below.items()
            if _means(step, at, item)
        ]
    return value


def _item(item: Any, step: str, fields: dict[str, Any]) -> Any:
    part = _part(item, fields)
    return json.loads(step[2:]) | part if step.startswith("k:") else part


def _means(step: str, at: int, item: Any) -> bool:
    """Return whether a step of a path, `k:{"name":"A"}`, `v:"a"` or `i:0`, leads to an item of a list."""
    mark, rest = step[:2], step[2:]
    if mark == "k:":
        return isinstance(item, dict) and all(item.get(name, _ANY) == key for name, key in json.loads(rest).items())
    return bool(json.loads(rest) == (at if mark == "i:" else item))
