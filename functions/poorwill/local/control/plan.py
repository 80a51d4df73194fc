"""What a reconciler wants done, as a value: the loop does it."""

from collections.abc import Callable
from typing import NamedTuple

from poorwill.kinds.kind import Key, Object

Find = Callable[[Key], Object | None]
"""How a reconciler looks at another object."""


class Note(NamedTuple):
    """What happened, for the object's Events."""

    type: str  # Normal or Warning
    reason: str
    message: str


class Plan(NamedTuple):
    """What a reconciler wants: objects to write, keys to delete, a status for its own object, and Events."""

    writes: tuple[Object, ...] = ()
    """Objects with a uid are updated, others created."""
    deletes: tuple[Key, ...] = ()
    status: Object | None = None
    notes: tuple[Note, ...] = ()


def created(kind: str, name: str) -> Note:
    """Return the note that a reconciler made an object."""
    return Note("Normal", "Created", f'Created {kind} "{name}"')


def failed(message: str) -> Note:
    """Return the note that a reconciler can't go on."""
    return Note("Warning", "InternalError", message)
