"""Sets of fields, as fieldsV1 writes them: `f:` a field, `k:` a list's item by its keys, `v:` by its value."""

import json
from collections.abc import Iterator
from typing import Any

Path = tuple[str, ...]
"""Where a field is, one fieldsV1 element a step: ("f:metadata", "f:labels", "f:app")."""

Fields = frozenset[Path]
"""A set of fields; union, difference and intersection are Python's."""

NONE: Fields = frozenset()

_HTML = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def field_step(name: str) -> str:
    """Return the element of an object's field."""
    return f"f:{name}"


def key_step(keys: dict[str, Any]) -> str:
    """Return the element of a list's item that some of its fields tell apart."""
    return f"k:{_compact(keys)}"


def value_step(value: Any) -> str:
    """Return the element of a set's item."""
    return f"v:{_compact(value)}"


def _compact(value: Any) -> str:
    """Return JSON as the API server writes it inside a key: sorted, without spaces, HTML's signs escaped."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).translate(_HTML)


def to_json(fields: Fields) -> dict[str, Any]:
    """Return a set as fieldsV1 has it, in the API server's order."""
    tree: dict[str, Any] = {}
    for path in sorted(fields):
        node = tree
        for step in path[:-1]:
            node = node.setdefault(step, {})
        node.setdefault(path[-1], {})
    _mark(tree, (), fields)
    return tree


def _mark(node: dict[str, Any], path: Path, fields: Fields) -> None:
    """Write "." into what is a member itself and has members below."""
    for step, child in node.items():
        here = (*path, step)
        if child:
            _mark(child, here, fields)
            if here in fields:
                below = dict(child)
                child.clear()
                child["."] = {}
                child.update(below)


def from_json(tree: Any) -> Fields:
    """Return the set that fieldsV1 says; ValueError or TypeError when it says none."""
    return frozenset(_paths(tree, ()))


def _paths(tree: Any, path: Path) -> Iterator[Path]:
    if not isinstance(tree, dict):
        raise TypeError("a set of fields is an object")
    for step, child in tree.items():
        if step == ".":
            if path:
                yield path
            continue
        here = (*path, _canonical(step))
        if child == {}:
            yield here
        else:
            yield from _paths(child, here)


def _canonical(step: str) -> str:
    match step[:2]:
        case "f:" | "i:":
            return step
        case "k:":
            keys = json.loads(step[2:])
            if isinstance(keys, dict):
                return key_step(keys)
        case "v:":
            return value_step(json.loads(step[2:]))
    raise ValueError("a step of a field's path starts with f:, k:, v: or i:")


def prefixes(fields: Fields) -> Fields:
    """Return every place above a field of the set."""
    return frozenset(path[:end] for path in fields for end in range(1, len(path)))


def without(fields: Fields, names: frozenset[str]) -> Fields:
    """Return a set without what lies at or under these top fields."""
    steps = frozenset(map(field_step, names))
    return frozenset(path for path in fields if path[0] not in steps)


def text(path: Path) -> str:
    """Return a path as the API server names it in a conflict: .metadata.labels.app, .env[name="A"]."""
    return "".join(map(_step_text, path))


def _step_text(step: str) -> str:
    mark, rest = step[:2], step[2:]
    match mark:
        case "f:":
            return f".{rest}"
        case "k:":
            keys = json.loads(rest)
            return "[" + ",".join(f"{name}={_compact(value)}" for name, value in keys.items()) + "]"
        case "v:":
            return f"[={_compact(json.loads(rest))}]"
        case _:
            return f"[{rest}]"
