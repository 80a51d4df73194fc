"""What goes wrong with every store alike, as errors; light, because a predictor imports it before its first GET."""

from poorwill.errors import ConflictError, Fault, NotFoundError, UnavailableError

_RETRY_AFTER_SECONDS = 5


def missing() -> NotFoundError:
    """Return the error of an object that is not there."""
    return NotFoundError(Fault("store", "an object of this key", "none", "check the name; `poorwill models` lists all"))


def changed() -> ConflictError:
    """Return the error of a condition that does not hold."""
    return ConflictError(Fault("store", "the object as it was read", "another", "read it again and repeat"))


def away(found: str, advice: str) -> UnavailableError:
    """Return the error of a store that can't answer."""
    return UnavailableError(Fault("store", "an answer", found, advice), retry_after_seconds=_RETRY_AFTER_SECONDS)
