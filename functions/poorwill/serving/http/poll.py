"""Which of many sockets have something to do: epoll, or poll where the system has no epoll."""

import select
from typing import Protocol

READ = 1  # EPOLLIN and POLLIN
WRITE = 4  # EPOLLOUT and POLLOUT


class Poller(Protocol):
    """What the loop needs of either."""

    def register(self, fd: int, eventmask: int, /) -> None:
        """Begin to watch a descriptor."""

    def modify(self, fd: int, eventmask: int, /) -> None:
        """Watch it for something else, or for nothing but its end."""

    def unregister(self, fd: int, /) -> None:
        """Watch it no more."""

    def poll(self, timeout_seconds: float, /) -> list[tuple[int, int]]:
        """Return descriptors with their events; a negative time waits for ever."""

    def close(self) -> None:
        """Release what it holds."""


class PortablePoller:
    """select.poll with epoll's manners: seconds, and nothing to close."""

    def __init__(self) -> None:
        poll = select.poll()
        self.register = poll.register
        self.modify = poll.modify
        self.unregister = poll.unregister
        self._poll = poll.poll

    def poll(self, timeout_seconds: float, /) -> list[tuple[int, int]]:
        """Return descriptors with their events; a negative time waits for ever."""
        return self._poll(None if timeout_seconds < 0 else timeout_seconds * 1000)

    def close(self) -> None:
        """Do nothing: there is no descriptor."""


def poller() -> Poller:
    """Return the best that this system has."""
    return select.epoll() if hasattr(select, "epoll") else PortablePoller()
