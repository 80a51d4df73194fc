"""The data path without Envoy: the activator alone on the port. It carries everything, on any system."""

import socket
import sys
from collections.abc import Mapping

from poorwill.errors import Fault, UsageError
from poorwill.local.path.activator import Activator, Demand
from poorwill.local.path.backend import Backend, Measure
from poorwill.local.path.breaker import QUEUE_LIMIT
from poorwill.local.path.table import Table
from poorwill.local.revision import RevisionKey


class ActivatorPath:
    """All requests through the activator.

    Args:
        demand: told of every request that finds no process.
        port: to listen on, on loopback; 0 picks a free one.
        queue_limit: requests that may wait for one revision.
    """

    def __init__(self, demand: Demand, *, port: int = 0, queue_limit: int = QUEUE_LIMIT) -> None:
        self._port = port
        self._activator = Activator(demand, queue_limit=queue_limit)

    async def start(self) -> int:
        """Listen, and return the port."""
        bound = bind(self._port)
        await self._activator.start(bound)
        self._port = bound.getsockname()[1]
        return self._port

    def follow(self, table: Table, backends: Mapping[RevisionKey, Backend]) -> None:
        """Lead who waits, and who comes, by these."""
        self._activator.follow(table, backends)

    async def publish(self, table: Table, backends: Mapping[RevisionKey, Backend]) -> None:
        """Return when every new request follows these."""
        self._activator.follow(table, backends)

    async def settle(self, revision: RevisionKey) -> None:
        """Return when what a revision's former processes were sent has arrived there."""
        await self._activator.settle(revision)

    def measure(self) -> Mapping[RevisionKey, Measure]:
        """Return what every revision had to do since the last call."""
        return self._activator.measure()

    async def stop(self) -> None:
        """Take no more requests, let the running ones end, and close."""
        await self._activator.stop()


def bind(port: int) -> socket.socket:
    """Return a socket that has a port of loopback and doesn't listen yet; UsageError when another has it."""
    bound = socket.socket()
    if sys.platform != "win32":
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(("127.0.0.1", port))
    except OSError as error:
        bound.close()
        next_step = "stop what listens there, or take another with --port"
        raise UsageError(Fault("gateway port", "a free one", f"{port}, which is taken", next_step)) from error
    return bound
