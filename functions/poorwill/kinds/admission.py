"""Whether an object may be stored, and what it is stored as: unknown fields, defaults, rules, in the API's order."""

import copy
from collections.abc import Iterator

from poorwill.errors import Fault, RefusedError
from poorwill.kinds import defaults, rules, structure
from poorwill.kinds.kind import Object
from poorwill.kinds.structures import structure_of


def unknown_fields(obj: Object) -> tuple[str, ...]:
    """Return the paths of all fields that the object's kind does not have."""
    return tuple(found.where for found in structure.departures(obj, structure_of(obj)) if found.unknown)


def pruned(obj: Object) -> Object:
    """Return a copy of an object without nulls and the fields that its kind does not have."""
    copied: Object = copy.deepcopy(structure.tidied(obj, structure_of(obj)))
    return copied


def default(obj: Object, old: Object | None = None, *, user: str = "") -> Object:
    """Return what is made of an object: no unknown field, all defaults, signed by the user where one is given.

    Where a type is wrong, nothing can be said, and a plain copy comes back.

    Args:
        obj: as it was sent.
        old: as it is stored, where it is; defaulted.
        user: who asks.
    """
    if any(not found.unknown for found in _departures(obj)):
        return copy.deepcopy(obj)
    return defaults.default(pruned(obj), old, user=user)


def faults(obj: Object, old: Object | None = None, *, dry_run: bool = False) -> tuple[Fault, ...]:
    """Return everything that is wrong with a defaulted object; where a type is wrong, only what its structure tells.

    Args:
        obj: defaulted.
        old: as it is stored, where it is.
        dry_run: also what Kubernetes would refuse in the pod; Knative asks it only in a dry run.
    """
    found = tuple(_departures(obj))
    structural = tuple(departure.fault for departure in found)
    if all(departure.unknown for departure in found):
        return tuple(dict.fromkeys((*structural, *rules.faults(pruned(obj), old, dry_run=dry_run))))
    return structural


def admit(obj: Object, old: Object | None = None, *, user: str, dry_run: bool = False) -> Object:
    """Return an object as it is to be stored; raise RefusedError with all that is wrong."""
    admitted = default(obj, old, user=user)
    unknown = (found.fault for found in _departures(obj) if found.unknown)
    found = tuple(dict.fromkeys((*unknown, *faults(admitted, old, dry_run=dry_run))))
    if found:
        raise RefusedError(*found)
    return admitted


def _departures(obj: Object) -> Iterator[structure.Departure]:
    return structure.departures(obj, structure_of(obj))
