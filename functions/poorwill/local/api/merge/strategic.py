"""Strategic merge patch: a merge patch that knows which lists are merged by their items' keys."""

from copy import deepcopy
from typing import Any, NamedTuple

from poorwill.errors import Fault, InvalidRequestError
from poorwill.kinds.kind import Kind, Object
from poorwill.local.api.merge.compare import same
from poorwill.local.api.merge.schema import Shape, shape_of

_PATCH = "$patch"
_RETAIN = "$retainKeys"
_ORDER = "$setElementOrder/"
_DELETE = "$deleteFromPrimitiveList/"


def strategic_merge(kind: Kind, obj: Object, patch: Object) -> Object:
    """Return an object with a strategic merge patch on it, directives followed.

    Only the core kinds have one: the API answers 415 for any other. Raises InvalidRequestError.
    """
    return _merge(deepcopy(obj), deepcopy(patch), shape_of(kind), "")


def _refused(where: str, wanted: str, found: str) -> InvalidRequestError:
    return InvalidRequestError(Fault(where or "the patch", wanted, found, "correct the patch"))


def _merge(original: dict[str, Any], patch: dict[str, Any], shape: Shape, path: str) -> dict[str, Any]:
    """Merge a patch into an object, which it may change."""
    if _PATCH in patch:
        return _whole(patch, path)
    _retain(original, patch, path)
    lists = _Lists.taken_from(patch, path)
    for name, items in lists.deleted.items():
        if isinstance(original.get(name), list):
            original[name] = [item for item in original[name] if not _in(item, items)]
    for name in [*patch, *(name for name in lists.order if name not in patch)]:
        _merge_field(original, patch, name, _Place(shape.field(name), f"{path}.{name}", lists.order.get(name)))
    return original


class _Place(NamedTuple):
    """Where a field is merged, and in which order its items are wanted."""

    shape: Shape
    path: str
    order: list[Any] | None


class _Lists(NamedTuple):
    """What a patch says beside the fields about their lists."""

    deleted: dict[str, list[Any]]
    order: dict[str, list[Any]]

    @classmethod
    def taken_from(cls, patch: dict[str, Any], path: str) -> "_Lists":
        found = cls({}, {})
        for prefix, lists in ((_DELETE, found.deleted), (_ORDER, found.order)):
            for name in [name for name in patch if name.startswith(prefix)]:
                lists[name.removeprefix(prefix)] = _list(patch.pop(name), f"{path}.{name}")
        return found


def _list(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise _refused(path, "a list", f"a {type(value).__name__}")
    return value


def _in(item: Any, items: list[Any]) -> bool:
    return any(same(item, other) for other in items)


def _whole(patch: dict[str, Any], path: str) -> dict[str, Any]:
    """Return what a patch of a whole object leaves: itself, or nothing."""
    match patch.pop(_PATCH):
        case "replace":
            return patch
        case "delete":
            return {}
    raise _refused(f"{path}.{_PATCH}", "replace or delete", "neither")


def _retain(original: dict[str, Any], patch: dict[str, Any], path: str) -> None:
    """Drop every field that the patch's $retainKeys doesn't name."""
    if _RETAIN not in patch:
        return
    kept = _list(patch.pop(_RETAIN), f"{path}.{_RETAIN}")
    if any(value is not None and not name.startswith("$") and name not in kept for name, value in patch.items()):
        raise _refused(f"{path}.{_RETAIN}", "every field that the patch sets", "some left out")
    for name in [name for name in original if name not in kept]:
        del original[name]


def _merge_field(original: dict[str, Any], patch: dict[str, Any], name: str, place: _Place) -> None:
    if name not in patch:
        _reorder(original, name, place)
    elif patch[name] is None:
        original.pop(name, None)
    else:
        merged = _merged(original.get(name), patch[name], place)
        if merged is not None:
            original[name] = merged
        else:
            original.pop(name, None)


def _merged(old: Any, new: Any, place: _Place) -> Any:
    """Return a field's value with the patch's over it; None for none."""
    if isinstance(old, dict) and isinstance(new, dict):
        return _merge(old, new, place.shape, place.path)
    mergeable = isinstance(old, list) and isinstance(new, list) and place.shape.granular_list
    if not mergeable:
        return _plain(new)
    order = new if place.order is None else place.order
    if place.shape.unique:
        return _ordered([*old, *(item for item in _once(new) if not _in(item, old))], order, old, "")
    key = place.shape.keys[0]
    items, wanted = _merge_items(old, new, key, place)
    return _ordered(items, wanted if place.order is None else order, old, key)


def _once(items: list[Any]) -> list[Any]:
    return [item for number, item in enumerate(items) if not _in(item, items[:number])]


def _plain(value: Any) -> Any:
    """Return a patch's value where there is nothing to merge it with: without directives and nulls; None for none."""
    if isinstance(value, dict):
        if _PATCH in value:
            return None
        kept = {name: _plain(child) for name, child in value.items() if not name.startswith("$")}
        return {name: child for name, child in kept.items() if child is not None}
    if isinstance(value, list):
        return [item for item in map(_plain, value) if item is not None]
    return value


def _merge_items(old: list[Any], new: list[Any], key: str, place: _Place) -> tuple[list[Any], list[Any]]:
    """Return a list of objects with a patch's over it, by one key, and the patch's items that are no directives."""
    where = f"{place.path}[].{key}"
    if any(not isinstance(item, dict) for item in new):
        raise _refused(place.path, "objects", "other items")
    plain = [item for item in new if _PATCH not in item]
    directives = [item for item in new if _PATCH in item]
    if any(item[_PATCH] not in {"delete", "replace"} for item in directives):
        raise _refused(f"{place.path}[].{_PATCH}", "delete or replace", "neither")
    if any(item[_PATCH] == "replace" for item in directives):
        return [_plain(item) for item in plain], plain
    if any(key not in item for item in (*plain, *directives)):
        raise _refused(where, "the key in each item", "one without")
    gone = [item[key] for item in directives]
    items = [item for item in old if not _in(item.get(key), gone)]
    for item in plain:
        place_of = next((number for number, other in enumerate(items) if same(other.get(key), item[key])), None)
        if place_of is None:
            items.append(_plain(item))
        else:
            items[place_of] = _merge(items[place_of], item, place.shape.items, f"{place.path}[]")
    return items, plain


def _reorder(original: dict[str, Any], name: str, place: _Place) -> None:
    """Put a list that the patch only orders into that order."""
    old = original.get(name)
    if isinstance(old, list) and place.order is not None and place.shape.granular_list:
        key = "" if place.shape.unique else place.shape.keys[0]
        original[name] = _ordered(old, place.order, old, key)


def _ordered(items: list[Any], order: list[Any], old: list[Any], key: str) -> list[Any]:
    """Return items as the patch orders its own, others among them where they were in the old list."""

    def rank(item: Any, among: list[Any]) -> int:
        name = item[key] if key else item
        return next((place for place, other in enumerate(among) if same(other.get(key) if key else other, name)), -1)

    left = sorted((item for item in items if rank(item, order) < 0), key=lambda item: rank(item, old))
    right = sorted((item for item in items if rank(item, order) >= 0), key=lambda item: rank(item, order))
    merged: list[Any] = []
    while left and right:
        first, second = rank(left[0], old), rank(right[0], old)
        merged.append(left.pop(0) if 0 <= first < second else right.pop(0))
    return [*merged, *left, *right]
