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
    response_start_timeout_seconds: float = 0.0
    """From the same moment to the first byte of its answer; 0 is no limit of its own."""
    idle_timeout_seconds: float = 0.0
    """The longest silence of an answer, that before its first byte included; 0 is any."""
    measured: bool = True
    """Whether anybody asks how much it has to do."""
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

    def follow(self, table: Table, backends: Mapping[RevisionKey, Backend]) -> None:
        """Lead by these whoever waits: a wake waits for nothing else."""

    async def publish(self, table: Table, backends: Mapping[RevisionKey, Backend]) -> None:
        """Return when every new request follows these."""

    async def settle(self, revision: RevisionKey) -> None:
        """Return when what was sent to processes that the last publish took from a revision has arrived there.

        Then they can be drained.
        """

    def measure(self) -> Mapping[RevisionKey, Measure]:
        """Return what every revision had to do since the last call."""

    async def stop(self) -> None:
        """Take no more requests, let the running ones end, and close."""
