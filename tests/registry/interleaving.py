"""Stores that let a test decide what happens between two operations: a death, or another's turn."""

import threading
from collections.abc import Callable

OPERATIONS = ("get", "stream", "list", "put", "put_if_absent", "put_if_match", "delete")


class DiedError(BaseException):
    """The process is gone: nothing may catch it and go on."""


class Watched:
    """A store that calls `before` with each operation's name, and `after` when it is done."""

    def __init__(self, store, before: Callable[[str], None], after: Callable[[str], None] = lambda name: None) -> None:
        self._store, self._before, self._after = store, before, after

    def __getattr__(self, name):
        if name not in OPERATIONS:
            raise AttributeError(name)

        def operate(*arguments):
            self._before(name)
            result = getattr(self._store, name)(*arguments)
            if name in {"list", "stream"}:
                result = list(result)
            self._after(name)
            return result if name not in {"list", "stream"} else iter(result)

        return operate


def dying(store, at: int, *, done: bool):
    """Return the store of a process that dies at its n-th operation (from 0), before or after it was done."""
    count = iter(range(10**6))

    def die(name):
        if next(count) == at:
            raise DiedError

    return Watched(store, lambda name: None, die) if done else Watched(store, die)


def interleave(store, actions, schedule) -> None:
    """Run the actions side by side, one store operation at a time, in the order that the schedule says.

    Args:
        store: the real one.
        actions: each takes a store, and handles its own errors.
        schedule: numbers; each picks the next to move among those that still run. When it ends, they run one by one.
    """
    actors = [_Actor(store, action) for action in actions]
    for choice in [*schedule, *[0] * 10_000]:
        running = [actor for actor in actors if actor.thread.is_alive()]
        if not running:
            break
        running[choice % len(running)].move()
    for actor in actors:
        actor.thread.join()


class _Actor:
    def __init__(self, store, action) -> None:
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self.thread = threading.Thread(target=self._run, args=(Watched(store, self._wait), action))
        self.thread.start()
        self._stopped.acquire()

    def move(self) -> None:
        """Let the actor do one operation, up to the next one or its end."""
        self._go.release()
        self._stopped.acquire()
        if self._ended:
            self.thread.join()

    _ended = False

    def _run(self, store, action) -> None:
        try:
            action(store)
        finally:
            self._ended = True
            self._stopped.release()

    def _wait(self, name) -> None:
        self._stopped.release()
        self._go.acquire()
