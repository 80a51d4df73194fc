"""Label and field selectors: which objects a list or a watch is about."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from poorwill.kinds.kind import Object
from poorwill.local.api.status import bad_request

Matcher = Callable[[Object], bool]
"""Whether an object is among the selected."""

_KEY = r"(?P<key>[A-Za-z0-9][-A-Za-z0-9_./]*)"
_VALUE = r"[A-Za-z0-9]?[-A-Za-z0-9_.]*"
_REQUIREMENT = re.compile(
    rf"\s*(?:(?P<absent>!)\s*{_KEY}|{_KEY.replace('key', 'name')}\s*"
    rf"(?:(?P<operator>==|=|!=|<|>)\s*(?P<value>{_VALUE})"
    rf"|(?P<set>in|notin)\s*\((?P<values>[^()]*)\))?)\s*(?:,|$)",
    re.ASCII,
)
_TERM = re.compile(r"([^=!,\\]+)(==|=|!=)((?:[^,\\=]|\\[,\\=])*)(?:,|$)")


def labels_match(selector: str) -> Matcher:
    """Return what a labelSelector means; BadRequest where it means nothing."""
    requirements = list(_requirements(selector))
    return lambda obj: all(holds(obj["metadata"].get("labels") or {}) for holds in requirements)


def labels_held(selector: str) -> tuple[bytes, ...]:
    """Return what the JSON of every object has that a labelSelector means: the labels that must have one value."""
    return tuple(
        f'"{found["name"]}":"{found["value"]}"'.encode()
        for found in _parsed(selector)
        if found["operator"] in {"=", "=="}
    )


def fields_match(selector: str, known: tuple[str, ...]) -> Matcher:
    """Return what a fieldSelector means; BadRequest where it names a field that is not among the known."""
    terms = list(_terms(selector, known))
    return lambda obj: all((_field(obj, path) == value) is equal for path, value, equal in terms)


def _requirements(selector: str) -> Iterator[Matcher]:
    return map(_requirement, _parsed(selector))


def _parsed(selector: str) -> Iterator[re.Match[str]]:
    position = 0
    while position < len(selector):
        found = _REQUIREMENT.match(selector, position)
        if not found or found.end() == position:
            raise bad_request(f"unable to parse requirement: the labelSelector's character {position + 1} fits none")
        position = found.end()
        yield found


def _requirement(found: re.Match[str]) -> Matcher:
    name, value = found["name"], found["value"]
    if found["absent"]:
        return lambda labels: found["key"] not in labels
    if found["set"]:
        values = {item.strip() for item in found["values"].split(",")}
        return lambda labels: (labels.get(name) in values) is (found["set"] == "in")
    if found["operator"] in {"<", ">"}:
        return _compared(name, found["operator"], value)
    if found["operator"]:
        return lambda labels: (labels.get(name) == value) is (found["operator"] != "!=")
    return lambda labels: name in labels


def _compared(name: str, operator: str, value: str) -> Matcher:
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise bad_request("unable to parse requirement: for '<' and '>' the value must be a whole number")
    limit = int(value)

    def holds(labels: Object) -> bool:
        label = labels.get(name, "")
        if not re.fullmatch(r"-?[0-9]{1,18}", label):
            return False
        return int(label) > limit if operator == ">" else int(label) < limit

    return holds


def _terms(selector: str, known: tuple[str, ...]) -> Iterator[tuple[str, str, bool]]:
    position = 0
    while position < len(selector):
        found = _TERM.match(selector, position)
        if not found:
            raise bad_request("invalid field selector: wanted <field>=<value>, <field>==<value> or <field>!=<value>")
        position = found.end()
        if found[1] not in known:
            only = ", ".join(f'"{name}"' for name in known)
            raise bad_request(f"the fieldSelector has a field that is not a known field selector: only {only}")
        yield found[1], re.sub(r"\\(.)", r"\1", found[3]), found[2] != "!="


def _field(obj: Object, path: str) -> str:
    if path == "source":  # of an Event
        return str((obj.get("source") or {}).get("component") or obj.get("reportingComponent") or "")
    if path == "status.successful":  # of a Job
        return str((obj.get("status") or {}).get("succeeded", 0))
    value: Any = obj
    for step in path.split("."):
        value = value.get(step, "") if isinstance(value, dict) else ""
    return str(value)
