"""The patches that change a whole object: JSON merge patch, JSON patch, strategic merge patch."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from poorwill.errors import Fault, InvalidRequestError
from poorwill.kinds.kind import Object
from poorwill.local.api.merge.compare import MISSING, same
from poorwill.local.api.merge.strategic import strategic_merge

__all__ = ["PatchFailedError", "json_patch", "merge_patch", "strategic_merge"]

Operation = dict[str, Any]


class PatchFailedError(InvalidRequestError):
    """A JSON patch with an operation that can't be done: no such one, a path that isn't there, a test that fails."""

    kind, title, status, exit_code = "patch-failed", "The patch does not fit the object", 422, 65


def merge_patch(obj: Any, patch: Any) -> Any:
    """Return a value with a JSON merge patch on it (RFC 7396): null removes."""
    if not isinstance(patch, dict):
        return deepcopy(patch)
    merged = dict(obj) if isinstance(obj, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def json_patch(obj: Object, operations: list[Operation]) -> Object:
    """Return an object with a JSON patch on it (RFC 6902): all of the operations, or the error of the first that fails.

    Raises InvalidRequestError for what is no list, PatchFailedError for an operation that can't be done: the statuses
    that an API server has for them.
    """
    _check(operations)
    document: Any = {"": deepcopy(obj)}  # so that the whole object has a place, too
    for number, operation in enumerate(operations):
        _OPERATIONS[operation["op"]](document, operation, f"[{number}]")
    changed = document.get("")
    if not isinstance(changed, dict):
        raise PatchFailedError(Fault("the patch", "an object in the end", "none", "leave the object where it is"))
    return changed


def _check(operations: Any) -> None:
    if not isinstance(operations, list):
        raise InvalidRequestError(
            Fault("the patch", "a list of operations", f"a {type(operations).__name__}", "send a JSON array")
        )
    faults = [fault for number, one in enumerate(operations) for fault in _operation_faults(one, f"[{number}]")]
    if faults:
        raise PatchFailedError(*faults)


def _operation_faults(operation: Any, where: str) -> list[Fault]:
    name = operation.get("op") if isinstance(operation, dict) else None
    if not isinstance(name, str) or name not in _OPERATIONS:
        return [Fault(f"{where}.op", f"one of {', '.join(_OPERATIONS)}", "none of them", "name an operation")]
    pointers = ("path", "from") if name in {"move", "copy"} else ("path",)
    faults = [
        Fault(f"{where}.{field}", "a JSON pointer", "none", "start it with /")
        for field in pointers
        if not isinstance(pointer := operation.get(field), str) or (pointer and not pointer.startswith("/"))
    ]
    if name in {"add", "replace", "test"} and "value" not in operation:
        faults.append(Fault(f"{where}.value", "a value", "none", "give one, null where that is meant"))
    return faults


def _missing(where: str, field: str) -> PatchFailedError:
    return PatchFailedError(
        Fault(f"{where}.{field}", "a place that the object has", "one that it hasn't", "read the object and try again")
    )


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")]


def _parent(document: Any, operation: Operation, where: str, field: str = "path") -> tuple[Any, str]:
    """Return the container that a pointer's last step lies in, and that step."""
    *above, last = _steps(operation[field])
    node = document
    for step in above:
        node = _child(node, step)
        if node is MISSING:
            raise _missing(where, field)
    return node, last


def _place(step: str, length: int) -> int | None:
    """Return the place in a list that a step means; None for no place in it."""
    if step.isascii() and step.isdigit() and (step == "0" or step[0] != "0") and int(step) < length:
        return int(step)
    return None


def _child(node: Any, step: str) -> Any:
    if isinstance(node, dict):
        return node.get(step, MISSING)
    if isinstance(node, list) and (place := _place(step, len(node))) is not None:
        return node[place]
    return MISSING


def _value(document: Any, operation: Operation, where: str, field: str) -> Any:
    node, last = _parent(document, operation, where, field)
    found = _child(node, last)
    if found is MISSING:
        raise _missing(where, field)
    return found


def _add(document: Any, operation: Operation, where: str) -> None:
    _insert(document, operation, where, deepcopy(operation["value"]))


def _insert(document: Any, operation: Operation, where: str, value: Any) -> None:
    node, last = _parent(document, operation, where)
    if isinstance(node, dict):
        node[last] = value
    elif isinstance(node, list) and last == "-":
        node.append(value)
    elif isinstance(node, list) and (place := _place(last, len(node) + 1)) is not None:
        node.insert(place, value)
    else:
        raise _missing(where, "path")


def _remove(document: Any, operation: Operation, where: str, field: str = "path") -> None:
    _value(document, operation, where, field)
    node, last = _parent(document, operation, where, field)
    del node[int(last) if isinstance(node, list) else last]


def _replace(document: Any, operation: Operation, where: str) -> None:
    _value(document, operation, where, "path")
    node, last = _parent(document, operation, where)
    node[int(last) if isinstance(node, list) else last] = deepcopy(operation["value"])


def _move(document: Any, operation: Operation, where: str) -> None:
    if operation["path"].startswith(f"{operation['from']}/"):
        raise PatchFailedError(
            Fault(f"{where}.path", "a place outside what is moved", "one in it", "move it elsewhere")
        )
    value = _value(document, operation, where, "from")
    _remove(document, operation, where, "from")
    _insert(document, operation, where, value)


def _copy(document: Any, operation: Operation, where: str) -> None:
    _insert(document, operation, where, deepcopy(_value(document, operation, where, "from")))


def _test(document: Any, operation: Operation, where: str) -> None:
    node, last = _parent(document, operation, where)
    found = _child(node, last)
    if not same(None if found is MISSING else found, operation["value"]):
        raise PatchFailedError(Fault(f"{where}.value", "what the object has there", "another", "read it and try again"))


_OPERATIONS: dict[str, Callable[[Any, Operation, str], None]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}
