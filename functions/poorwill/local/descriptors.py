"""How many files and connections the twin may have open: as many as the system lets it have."""

import resource
import sys
from contextlib import suppress

_AT_START = resource.getrlimit(resource.RLIMIT_NOFILE)
_KEPT, _KEPT_RATIO = 256, 0.25
"""What isn't for requests: state, API and its watches, pods, their starts and probes; a quarter at the most."""


def claim() -> None:
    """Raise this process's limit to the highest that it may have: a request that is held takes two descriptors."""
    with suppress(ValueError, OSError):  # macOS says "unlimited" and means less
        resource.setrlimit(resource.RLIMIT_NOFILE, (_AT_START[1], _AT_START[1]))


def give(pid: int) -> None:
    """Give a child the limit that this process was started with: programs may count on it, as select() does on 1024."""
    if hasattr(resource, "prlimit"):
        with suppress(OSError):  # it has ended
            resource.prlimit(pid, resource.RLIMIT_NOFILE, _AT_START)


def for_requests() -> int:
    """Return how many of those that this process may have are for requests."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if limit == resource.RLIM_INFINITY:
        return sys.maxsize
    return limit - int(min(_KEPT, limit * _KEPT_RATIO))
