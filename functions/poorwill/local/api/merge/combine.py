"""Putting an applied configuration into an object, and taking fields out of it."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from poorwill.errors import Fault, InvalidRequestError
from poorwill.local.api.merge.compare import MISSING, index, relation, step_of
from poorwill.local.api.merge.fields import Fields, Path, field_step, prefixes, text
from poorwill.local.api.merge.schema import PLAIN, Shape


def combine(live: Any, config: Any, shape: Shape, path: Path = ()) -> Any:
    """Return what is live with a configuration over it; an item that a list or set repeats is an error."""
    kind = relation(shape, live, config)
    if kind == "map":
        return _combine_maps(live, config, shape, path)
    if kind == "list":
        return _combine_lists(live, config, shape, path)
    return deepcopy(live if config is MISSING else config)


def _combine_maps(live: Any, config: Any, shape: Shape, path: Path) -> Any:
    old = live if isinstance(live, dict) else {}
    new = config if isinstance(config, dict) else {}
    return {
        name: combine(old.get(name, MISSING), new.get(name, MISSING), shape.field(name), (*path, field_step(name)))
        for name in (*old, *(name for name in new if name not in old))
    }


def _combine_lists(live: Any, config: Any, shape: Shape, path: Path) -> list[Any]:
    old, new = index(shape, live, path), index(shape, config, path)
    if any(len(items) > 1 for items in new.values()):
        raise InvalidRequestError(
            Fault(text(path), "items that differ in what names them", "one twice", "leave each in once")
        )
    return [
        item for step in _order(list(old), list(new)) for item in _item(old.get(step, []), new.get(step), shape, path)
    ]


def _item(old: list[Any], new: list[Any] | None, shape: Shape, path: Path) -> list[Any]:
    """Return what becomes of one item: one that is live twice stays so, until it is applied."""
    if new is None:
        return deepcopy(old)
    before = old[0] if len(old) == 1 else MISSING
    return [combine(before, new[0], shape.items, (*path, step_of(shape, new[0], path)))]


def _order(old: list[str], new: list[str]) -> Iterator[str]:
    """Yield all items: the applied ones in the configuration's order, others after what they stood behind."""
    shared = [step for step in new if step in set(old)]
    left, right, done = 0, 0, set[str]()
    while left < len(old) or right < len(new):
        if left < len(old) and right < len(new):
            if old[left] == new[right]:
                done.add(old[left])
                yield old[left]
                left, right = left + 1, right + 1
                shared = shared[1:]
                continue
            if old[left] in new and shared and shared[0] != old[left]:
                left += 1
                continue
        if left < len(old):
            if old[left] not in new:
                yield old[left]
                left += 1
                continue
            if old[left] in done:
                left += 1
        if right < len(new):
            done.add(new[right])
            yield new[right]
            shared = shared[1:] if shared and shared[0] == new[right] else shared
            right += 1


def remove(value: Any, fields: Fields, shape: Shape) -> Any:
    """Return a value without some of its fields; null stands where that emptied something, as in an API server."""
    left = _remove(value, fields, prefixes(fields), shape, ())
    return {} if left is None else left


def _remove(value: Any, fields: Fields, above: Fields, shape: Shape, path: Path) -> Any:
    if path in fields:
        return MISSING
    if path and path not in above:
        return value
    if isinstance(value, dict) and not shape.atomic:
        kept = {
            name: child
            for name, old in value.items()
            if (child := _remove(old, fields, above, shape.field(name), (*path, field_step(name)))) is not MISSING
        }
        return kept or None
    if isinstance(value, list) and shape.granular_list:
        items = (_remove(item, fields, above, shape.items, (*path, step_of(shape, item, path))) for item in value)
        return [item for item in items if item is not MISSING and item is not None] or None
    return value


def with_parents(fields: Fields, shape: Shape) -> Fields:
    """Return a set with every declared field above its members: an object that is set so is set itself."""
    return fields | frozenset(path for path in prefixes(fields) if _declared(path, shape))


def _declared(path: Path, shape: Shape) -> bool:
    for step in path[:-1]:
        shape = shape.field(step[2:]) if step[:2] == "f:" else shape.items if step[:2] == "k:" else PLAIN
    return path[-1][:2] == "f:" and shape.declares(path[-1][2:])
