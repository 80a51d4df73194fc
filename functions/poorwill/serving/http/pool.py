"""Threads for requests that would hold up the loop; imported when the first such request comes."""

import os
from collections import deque
from collections.abc import Callable
from math import ceil
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from poorwill.serving.http.application import Call
from poorwill.serving.http.connection import GONE, Connection
from poorwill.serving.message import Answer, Request

Outcome = Answer | BaseException | None
"""What came of a request: an answer, the application's bug, or nothing, since the client had gone."""


class Pool:
    """Threads that answer requests in the order in which they were given."""

    def __init__(self, threads: int, wake: Callable[[], None]) -> None:
        self._threads = threads or cpus()
        self._wake = wake
        self._started = 0
        self._jobs: SimpleQueue[tuple[Connection, Call, Request]] = SimpleQueue()
        self.done: deque[tuple[Connection, Outcome]] = deque()

    def submit(self, connection: Connection, call: Call, request: Request) -> None:
        """Have call(request) run; its outcome joins `done`, and the loop is woken."""
        self._jobs.put((connection, call, request))
        if self._started < self._threads:
            self._started += 1
            Thread(target=self._work, name=f"poorwill-{self._started}", daemon=True).start()

    def _work(self) -> None:
        while True:
            self._run(*self._jobs.get())
            self._wake()

    def _run(self, connection: Connection, call: Call, request: Request) -> None:
        outcome: Outcome = None
        if connection.state is not GONE:
            connection.running = True
            try:
                outcome = call(request)
            except BaseException as bug:  # noqa: BLE001 - a thread lost to an application's bug would never come back
                outcome = bug
        self.done.append((connection, outcome))


def cpus(root: Path = Path("/sys/fs/cgroup")) -> int:
    """Return how many CPUs this process may use: those it is bound to, or its cgroup's quota where that is lower."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, ceil(_quota(root) or allowed)))


def _quota(root: Path) -> float:
    """Return the cgroup's CPU quota in CPUs, 0 for none; version 2, else version 1."""
    for names in (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")):
        try:
            quota, period = " ".join((root / name).read_text() for name in names).split()
            return max(0.0, float(quota) / float(period))
        except (OSError, ValueError):  # no such file, or no limit: "max"
            continue
    return 0.0
