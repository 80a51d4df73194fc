r"""The few JSONPaths that columns are written in: `.a.b`, `.a\.b/c`, `['a\.b']` and `[?(@.type=='Ready')]`."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

_STEP = re.compile(
    r"\.(?P<name>(?:[A-Za-z0-9_/]|\\\.)+)|\['(?P<quoted>[^']*)'\]"
    r"|\[\?\(@\.(?P<field>\w+)==(?P<mark>['\"])(?P<value>[^'\"]*)(?P=mark)\)\]",
    re.ASCII,
)

Step = Callable[[Any], Any]


def value_at(path: str, obj: Any) -> Any:
    """Return the value at a path, None where there is none."""
    for step in _steps(path):
        obj = step(obj)
    return obj


@cache
def _steps(path: str) -> tuple[Step, ...]:
    found = list(_STEP.finditer(path))
    if "".join(match[0] for match in found) != path:
        raise ValueError(path)
    return tuple(map(_step, found))


def _step(found: re.Match[str]) -> Step:
    if found["field"]:
        field, value = found["field"], found["value"]
        return lambda items: _first(items, field, value)
    name = (found["name"] or found["quoted"]).replace("\\", "")
    return lambda obj: obj.get(name) if isinstance(obj, dict) else None


def _first(items: Any, field: str, value: str) -> Any:
    return next((item for item in items or () if isinstance(item, dict) and item.get(field) == value), None)
