"""Every rule of every kind, beyond its structure: what Knative's webhooks and the API server refuse."""

from poorwill.errors import Fault
from poorwill.kinds.kind import Object


def faults(obj: Object, old: Object | None, *, dry_run: bool) -> tuple[Fault, ...]:
    """Return what is wrong with a defaulted object whose structure is right."""
    return ()
