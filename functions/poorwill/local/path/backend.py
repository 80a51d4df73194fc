"""What the data path is told of a revision, and what it tells of one."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from poorwill.local.path.table import Table
from poorwill.local.revision import Endpoint, RevisionKey


class Backend(NamedTuple):
    """Where a revision's requests go, and within which limits."""

    endpoints: tuple[Endpoint, ...]
    container_concurrency: int = 0
    """Requests that one process takes at once; 0 is any number."""
    timeout_seconds: float = 300.0
    """From the request's arrival to the last byte of its answer, as Knative's activator counts it."""
    failure: str = ""
    """Why it can't start, in our words: its callers are told at once and don't wait in vain."""


class Measure(NamedTuple):
    """What one revision had to do since it was last asked."""

    concurrency: float
    """Requests waiting or running, averaged over the time."""
    requests: int
    """Requests that arrived."""


class DataPath(Protocol):
    """The one port that all requests come in by."""

    async def start(self) -> int:
        """Listen, and return the port."""

    async def publish(self, table: Table, backends: Mapping[RevisionKey, Backend]) -> None:
        """Return when every new request follows these: then a process that is in them no more can be drained."""

    def measure(self) -> Mapping[RevisionKey, Measure]:
        """Return what every revision had to do since the last call."""

    async def stop(self) -> None:
        """Take no more requests, let the running ones end, and close."""
