"""An object beside the structure of its kind: fields that it does not have, wrong types, what has to be there.

The structures are msgspec types. An optional field with a default is what Go calls omitempty: it vanishes where it has
that value. A field whose default comes from a factory is always written.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import inspect

from poorwill.errors import Fault
from poorwill.kinds import refusals

T = TypeVar("T")
Open = dict[str, Any]
"""An object of which nothing is known."""
IntOrString = int | str
Quantity = int | str | float
"""Its form is checked by the rules."""

_INT64 = 2**63
_SCALARS: dict[type[inspect.Type], tuple[type | tuple[type, ...], str]] = {
    inspect.StrType: (str, "a string"),
    inspect.IntType: (int, "a whole number"),
    inspect.FloatType: ((int, float), "a number"),
    inspect.BoolType: (bool, "true or false"),
}
_Items = inspect.ListType | inspect.VarTupleType


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel"):
    """One object inside an object."""


class Departure(NamedTuple):
    """Where an object departs from its structure."""

    where: str
    fault: Fault
    unknown: bool
    known: tuple[str, ...] = ()  # of an unknown name: those that the place has


@cache
def structure(kind: type) -> inspect.Type:
    """Return what a type looks like, worked out once."""
    return inspect.type_info(kind)


def departures(value: Any, kind: type, where: str = "") -> Iterator[Departure]:
    """Yield every place where a value departs from a type."""
    yield from _walk(value, structure(kind), where)


def tidied(value: Any, kind: type) -> Any:
    """Return a copy without nulls and fields that the type does not have, 50.0 where a whole number is wanted as 50."""
    return _tidy(value, structure(kind))


def read(value: Any, kind: type[T]) -> T:
    """Return a value without departures as its type."""
    return msgspec.convert(value, kind)


def written(value: Any) -> Any:
    """Return a typed value as JSON has it, as Go would write it."""
    return msgspec.to_builtins(value)


def _walk(value: Any, kind: inspect.Type, where: str) -> Iterator[Departure]:
    if isinstance(kind, inspect.UnionType):
        yield from _walk_union(value, kind, where)
    elif isinstance(kind, inspect.StructType):
        yield from _walk_struct(value, kind, where)
    elif isinstance(kind, inspect.DictType | _Items):
        yield from _walk_items(value, kind, where)
    elif isinstance(kind, inspect.LiteralType):
        if not any(value == choice and type(value) is type(choice) for choice in kind.values):
            wanted = " or ".join(str(choice) for choice in kind.values)
            yield Departure(where, Fault(where, wanted, "something else", "choose one of these"), unknown=False)
    elif type(kind) in _SCALARS:
        python, wanted = _SCALARS[type(kind)]
        whole = isinstance(value, float) and value.is_integer() and python is int
        if not (isinstance(value, python) or whole) or (isinstance(value, bool) and python is not bool):
            yield _wrong(where, wanted, value)
        elif python is int and not -_INT64 <= value < _INT64:
            yield Departure(where, refusals.unreadable(where, "a whole number of 64 bits"), unknown=False)


def _walk_items(value: Any, kind: inspect.DictType | _Items, where: str) -> Iterator[Departure]:
    if isinstance(kind, inspect.DictType):
        if not isinstance(value, dict):
            yield _wrong(where, "an object", value)
            return
        for key, item in value.items():
            if item is not None:
                yield from _walk(item, kind.value_type, f"{where}.{key}")
    elif not isinstance(value, list):
        yield _wrong(where, "a list", value)
    else:
        for at, item in enumerate(value):
            yield from _walk(item, kind.item_type, f"{where}[{at}]")


def _walk_union(value: Any, kind: inspect.UnionType, where: str) -> Iterator[Departure]:
    choices = [choice for choice in kind.types if not isinstance(choice, inspect.NoneType)]
    if value is None and len(choices) < len(kind.types):
        return
    if len(choices) == 1:
        yield from _walk(value, choices[0], where)
    elif all(any(_walk(value, choice, where)) for choice in choices):
        yield _wrong(where, " or ".join(_SCALARS[type(choice)][1] for choice in choices), value)


def _walk_struct(value: Any, kind: inspect.StructType, where: str) -> Iterator[Departure]:
    if not isinstance(value, dict):
        yield _wrong(where, "an object", value)
        return
    prefix = f"{where}." if where else ""
    fields = {field.encode_name: field for field in kind.fields}
    for name, item in value.items():
        if name not in fields:
            if not kind.cls.__struct_config__.forbid_unknown_fields:
                continue
            path = f"{prefix}{name}"
            yield Departure(path, refusals.unknown(path), unknown=True, known=tuple(fields))
        elif item is not None:
            yield from _walk(item, fields[name].type, f"{prefix}{name}")
    for name, field in fields.items():
        if field.required and value.get(name) is None:
            yield Departure(f"{prefix}{name}", refusals.missing(f"{prefix}{name}"), unknown=False)


def _wrong(where: str, wanted: str, value: Any) -> Departure:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    found = names.get(type(value), "a number")
    return Departure(where, Fault(where, wanted, found, "write it as that"), unknown=False)


def _tidy(value: Any, kind: inspect.Type) -> Any:
    if isinstance(kind, inspect.UnionType):
        choices = [choice for choice in kind.types if not isinstance(choice, inspect.NoneType)]
        return _tidy(value, choices[0]) if len(choices) == 1 else value
    if isinstance(kind, inspect.IntType) and isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(kind, inspect.StructType) and isinstance(value, dict):
        types = {field.encode_name: field.type for field in kind.fields}
        known = {name: item for name, item in value.items() if name in types and item is not None}
        return {name: _tidy(item, types[name]) for name, item in known.items()}
    if isinstance(kind, inspect.DictType) and isinstance(value, dict):
        # Go reads null among texts as the empty one; among quantities the server takes it out first
        empty = "" if isinstance(kind.value_type, inspect.StrType) else None
        known = {name: empty if item is None else _tidy(item, kind.value_type) for name, item in value.items()}
        is_open = isinstance(kind.value_type, inspect.AnyType)
        return {name: item for name, item in known.items() if item is not None or is_open}
    if isinstance(kind, _Items) and isinstance(value, list):
        return [_tidy(item, kind.item_type) for item in value]
    return value
