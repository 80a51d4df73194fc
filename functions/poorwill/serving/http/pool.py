"""Threads for requests that would hold up the loop; imported when the first such request comes."""

import os
from collections import deque
from collections.abc import Callable
from math import ceil
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple

from poorwill.serving.http.application import Batching, Begun, Call
from poorwill.serving.http.connection import GONE, Connection
from poorwill.serving.message import Answer, Request

Outcome = Answer | BaseException | None
"""What came of a request: an answer, the application's bug, or nothing, since the client had gone."""


class Job(NamedTuple):
    """A request, whose it is, and what answers it: the batcher, with others, where there is one, else the call."""

    connection: Connection
    call: Call
    request: Request
    batcher: Batching | None


class Pool:
    """Threads that answer requests in the order in which they were given."""

    def __init__(self, threads: int, wake: Callable[[], None]) -> None:
        self._threads = threads or cpus()
        self._wake = wake
        self._started = 0
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        self.done: deque[tuple[Connection, Outcome]] = deque()

    def submit(self, connection: Connection, call: Call, request: Request, batcher: Batching | None = None) -> None:
        """Have call(request) run, or the batcher answer it with others; its outcome joins `done`, the loop is woken."""
        self._jobs.put(Job(connection, call, request, batcher))
        if self._started < self._threads:
            self._started += 1
            Thread(target=self._work, name=f"poorwill-{self._started}", daemon=True).start()

    def _work(self) -> None:
        following: Job | None = None
        while True:
            job, following = following or self._jobs.get(), None
            if job.batcher is None:
                self._run(job)
            else:
                following = self._run_together(job, job.batcher)
            del job  # and with it a body whose memory may serve the next one

    def _run(self, job: Job) -> None:
        outcome: Outcome = None
        if job.connection.state is not GONE:
            job.connection.running = True
            try:
                outcome = job.call(job.request)
            except BaseException as bug:  # noqa: BLE001 - a thread lost to an application's bug would never come back
                outcome = bug
        self._end(job.connection, outcome)

    def _run_together(self, first: Job, batcher: Batching) -> Job | None:
        """Answer what waits, up to the limit and to this thread's share; return one of another kind that came next."""
        share = ceil((self._jobs.qsize() + 1) / self._threads)
        begun: list[tuple[Connection, Begun]] = []
        weight = 0
        job: Job | None = first
        while job is not None and job.batcher is batcher:
            weight += self._begin(job, batcher, begun)
            share -= 1
            job = self._waiting() if share > 0 and weight < batcher.limit else None
        self._complete(batcher, begun)
        return job

    def _begin(self, job: Job, batcher: Batching, begun: list[tuple[Connection, Begun]]) -> int:
        """Add a request to those that are begun; return its weight, 0 where it has its answer already."""
        outcome: Outcome = None
        if job.connection.state is not GONE:
            job.connection.running = True
            try:
                one = batcher.begin(job.request)
            except BaseException as bug:  # noqa: BLE001 - likewise
                outcome = bug
            else:
                if not isinstance(one, Answer):
                    begun.append((job.connection, one))
                    return one.weight
                outcome = one
        self._end(job.connection, outcome)
        return 0

    def _complete(self, batcher: Batching, begun: list[tuple[Connection, Begun]]) -> None:
        left = dict(enumerate(begun))
        bug: BaseException | None = None
        try:
            for answers in batcher.complete([one for _, one in begun]) if begun else ():
                self.done.extend((left.pop(place)[0], answer) for place, answer in answers)
                self._wake()
        except BaseException as error:  # noqa: BLE001 - likewise
            bug = error
        for connection, _ in left.values():
            self._end(connection, bug)

    def _waiting(self) -> Job | None:
        try:
            return self._jobs.get_nowait()
        except Empty:
            return None

    def _end(self, connection: Connection, outcome: Outcome) -> None:
        self.done.append((connection, outcome))
        self._wake()


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
