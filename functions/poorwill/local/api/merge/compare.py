"""Which fields an object has, and which differ between two of them."""

from typing import Any, NamedTuple

from poorwill.errors import Fault, InvalidRequestError
from poorwill.local.api.merge.fields import Fields, Path, field_step, key_step, text, value_step, without
from poorwill.local.api.merge.schema import Shape


class _Missing:
    """The type of MISSING."""


MISSING = _Missing()


class Comparison(NamedTuple):
    """What became of an object's fields."""

    added: Fields
    modified: Fields
    removed: Fields

    def without(self, ignored: frozenset[str]) -> "Comparison":
        """Return the same for all but these top fields."""
        return Comparison(*(without(fields, ignored) for fields in self))

    @property
    def changed(self) -> Fields:
        """Return what has a value now that it didn't have."""
        return self.added | self.modified


def same(left: Any, right: Any) -> bool:
    """Return whether two JSON values are equal; true is not 1."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[name]) for name, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def relation(shape: Shape, *values: Any) -> str:
    """Return how values at one place are taken together: "map" and "list" by parts, "" as one value."""
    present = [value for value in values if value is not MISSING and value is not None]
    if shape.atomic or not any(present):
        return ""
    if all(isinstance(value, dict) for value in present):
        return "map"
    return "list" if shape.granular_list and all(isinstance(value, list) for value in present) else ""


def step_of(shape: Shape, item: Any, path: Path) -> str:
    """Return the element of a list's item; InvalidRequestError for one that can't be told apart."""
    if shape.unique:
        if not isinstance(item, dict | list) and item is not None:
            return value_step(item)
    elif isinstance(item, dict):
        said = {**shape.key_defaults, **item}
        if any(name in item for name in shape.keys):
            return key_step({name: said[name] for name in shape.keys if name in said})
    wanted = "scalars" if shape.unique else f"objects with {' and '.join(shape.keys)}"
    raise InvalidRequestError(
        Fault(text(path), wanted, f"an item of type {type(item).__name__} without", "give each item what names it")
    )


def index(shape: Shape, items: Any, path: Path) -> dict[str, list[Any]]:
    """Return a list's items by their element, in the list's order."""
    found: dict[str, list[Any]] = {}
    for item in items if isinstance(items, list) else ():
        found.setdefault(step_of(shape, item, path), []).append(item)
    return found


def fields_of(value: Any, shape: Shape) -> Fields:
    """Return the fields that a value sets: what its applier owns."""
    out: set[Path] = set()
    _collect(value, shape, (), out)
    return frozenset(out)


def _collect(value: Any, shape: Shape, path: Path, out: set[Path]) -> None:
    if isinstance(value, dict) and not shape.atomic:
        for name, child in value.items():
            here = (*path, field_step(name))
            _collect(child, shape.field(name), here, out)
            if child is None or child == {} or not shape.declares(name):
                out.add(here)
    elif isinstance(value, list) and shape.granular_list:
        for step, items in index(shape, value, path).items():
            here = (*path, step)
            if len(items) == 1:
                _collect(items[0], shape.items, here, out)
            out.add(here)
    else:
        out.add(path)


def compare(old: Any, new: Any, shape: Shape) -> Comparison:
    """Return what differs between two objects."""
    walk = _Walk()
    walk.compare(old, new, shape, ())
    return Comparison(frozenset(walk.added), frozenset(walk.modified), frozenset(walk.removed))


class _Walk:
    """One comparison on its way."""

    def __init__(self) -> None:
        self.added: set[Path] = set()
        self.modified: set[Path] = set()
        self.removed: set[Path] = set()

    def compare(self, old: Any, new: Any, shape: Shape, path: Path) -> None:
        kind = relation(shape, old, new)
        if kind == "map":
            self._maps(_dict(old), _dict(new), shape, path)
        elif kind == "list":
            self._lists(index(shape, old, path), index(shape, new, path), shape, path)
        self._value(old, new, path, leaf=not kind)

    def _value(self, old: Any, new: Any, path: Path, *, leaf: bool) -> None:
        if not path:
            return
        if old is MISSING:
            self.added.add(path)
        elif new is MISSING:
            self.removed.add(path)
        elif leaf and not same(old, new):
            self.modified.add(path)

    def _maps(self, old: dict[str, Any], new: dict[str, Any], shape: Shape, path: Path) -> None:
        for name in old.keys() | new.keys():
            here = (*path, field_step(name))
            self.compare(old.get(name, MISSING), new.get(name, MISSING), shape.field(name), here)

    def _lists(self, old: dict[str, list[Any]], new: dict[str, list[Any]], shape: Shape, path: Path) -> None:
        for step in old.keys() | new.keys():
            here, before, after = (*path, step), old.get(step, []), new.get(step, [])
            if len(before) <= 1 and len(after) <= 1:
                first, second = (before or [MISSING])[0], (after or [MISSING])[0]
                self.compare(first, second, shape.items, here)
            else:
                self._repeated(before, after, shape.items, here)

    def _repeated(self, before: list[Any], after: list[Any], shape: Shape, path: Path) -> None:
        """Compare items of which several have the same keys, as an update may write them."""
        if len(before) > 1 and len(after) > 1:
            if not same(before, after):
                self.modified.add(path)
        elif len(before) > 1:
            for item in after:
                self.compare(MISSING, item, shape, path)
            self.removed.add(path)
        else:
            for item in before:
                self.compare(item, MISSING, shape, path)
            self.added.add(path)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
