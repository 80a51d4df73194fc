"""One pod: a process that is started again when it ends, as its restart policy has it, until the pod is drained."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from poorwill.kinds.kind import Kind, Object
from poorwill.local.pods import limits, process, readiness, volumes
from poorwill.local.pods.backoff import next_wait
from poorwill.local.pods.environment import Place, declared, expanded, foreign, placed
from poorwill.local.pods.images import COMMAND_REFUSED
from poorwill.local.pods.plan import Plan
from poorwill.local.pods.pod_object import Life, Termination, Waiting, end_reason
from poorwill.local.pods.ports import HOST, free_ports
from poorwill.local.revision import Endpoint

_NO_START = 128
"""The exit code that kubelet gives to a command that can't be executed."""


class _MisusedError(ValueError):
    """Carries why a process may not be started with its arguments."""


class Ground(NamedTuple):
    """What all pods of a twin stand on."""

    folder: Path  # a folder for each pod is made in it
    working_folder: Path  # where a relative POORWILL_STORE starts
    path: str  # PATH
    lookup: Callable[[str, Kind, str], Object | None]  # namespace, kind, name
    clock: Callable[[], float]  # seconds, for waits and deadlines
    now: Callable[[], datetime]
    ports: set[int]  # in use by pods
    gateway: Callable[[], str]  # host:port of the data path


class Pod:
    """A pod of a revision, or of a Job.

    Args:
        plan: what it runs.
        ground: where it runs.
        name: its own, unique in the namespace.
        moved: called after each change of `life`; `gone` when there is nothing left of it.
    """

    def __init__(self, plan: Plan, ground: Ground, name: str, moved: Callable[["Pod"], None]) -> None:
        self.plan = plan
        self.life = Life(name, ground.now())
        self.draining = False
        self.gone = asyncio.Event()
        self.folder = ground.folder / plan.key.namespace / name
        self._ground = ground
        self._moved = moved
        self._process: process.Process | None = None
        self._asking: asyncio.Task[None] | None = None
        self._leaving: asyncio.Task[None] | None = None
        self._began = 0.0
        self._wait: float | None = None  # the backoff before the start that runs now
        self._start_at: float | None = None
        self._kill_at: float | None = None
        self._out_of_memory = False
        (self.folder / "tmp").mkdir(parents=True)

    @property
    def endpoint(self) -> Endpoint | None:
        """Return where it takes requests, None while it doesn't."""
        return Endpoint(HOST, self.life.port) if self.life.ready else None

    @property
    def runs(self) -> bool:
        """Return whether a process lives."""
        return self._process is not None

    def log(self, *, previous: bool = False) -> Path:
        """Return the file that the container's output goes to, or went to before its last restart."""
        return self.folder / f"{self.life.restarts - (previous and self.runs)}.log"

    def start(self) -> None:
        """Start the process, where all that it needs is there."""
        if self.draining or self._process:
            return
        self._start_at = None
        found = declared(self.plan.container, self.plan.key.namespace, self._look_up)
        if found.missing:
            self._wait_for("CreateContainerConfigError", found.missing)
        elif words := volumes.absent(self.plan.files, self._look_up):
            self._wait_for("ContainerCreating", words)
        elif words := self.plan.program.withheld(found.values) or foreign(found.values):
            self._wait_for(COMMAND_REFUSED, words)
        else:
            self._launch({**self.plan.program.variables(self.plan.key.namespace), **found.values})

    def drain(self, before: Callable[[], Awaitable[None]] | None, grace_seconds: float | None = None) -> None:
        """Take the pod out: no more requests, then SIGTERM, and SIGKILL when its grace is over.

        Args:
            before: awaited before SIGTERM; returns when nobody sends requests any more.
            grace_seconds: the longest wait for all of this, where less than the pod's own.
        """
        grace = min(self.plan.grace_seconds, self.plan.grace_seconds if grace_seconds is None else grace_seconds)
        deadline = self._ground.clock() + grace
        self._kill_at = min(deadline, self._kill_at or deadline)
        if self.draining:
            return
        self.draining = True
        had_requests = self.life.ready
        self._stop_asking()
        self._change(ready=False)
        if self._process is None:
            self._leave()
        elif had_requests and before is not None:
            self._leaving = asyncio.get_running_loop().create_task(self._end_after(before))
        else:
            self._process.terminate()

    def beat(self) -> None:
        """Do what is due now: the next start, the end of a grace, a memory limit, a bounded log."""
        now = self._ground.clock()
        if self._start_at is not None and now >= self._start_at:
            self.start()
        if self._process is None:
            return
        limit = self.plan.memory_limit_bytes
        if limit and limits.memory_bytes(self._process.pid) > limit:
            self._out_of_memory = True
            self._process.kill()
        if self._kill_at is not None and now >= self._kill_at:
            self._process.kill()
        process.bound_log(self.log())  # last: a disk without room must not keep a process alive

    def _launch(self, declared_values: Mapping[str, str]) -> None:
        """Start the process under numbers of its own; nothing here may take time, somebody waits for its answer."""
        ground = self._ground
        self._release_ports()
        self.life = self.life._replace(restarts=self.life.restarts + (self.life.last is not None))
        self._out_of_memory = False
        self._began = ground.clock()
        try:
            self._process = process.Process(self._placed(declared_values), self._ended)
        except _MisusedError as error:
            self._wait_for(COMMAND_REFUSED, str(error))
            return
        except ValueError:  # what it says may hold values
            words = "env or args: a NUL, or a name with =, which no process can be given"
            self._wait_for("CreateContainerConfigError", words)
            return
        except OSError as error:
            self._change(started_at=ground.now())
            self._log_words(f"{self.plan.program.entrypoint[0]}: {error.strerror or error}")
            self._ended(_NO_START)
            return
        if self.plan.probe is None:
            self._change(started_at=ground.now(), ready=True)
            return
        self._asking = asyncio.get_running_loop().create_task(self._ask(self.plan.probe))
        self._change(started_at=ground.now())

    def _placed(self, declared_values: Mapping[str, str]) -> process.Launch:
        """Return what to start, on ports that are free now; OSError where there are none."""
        ground, plan = self._ground, self.plan
        port, metrics_port = free_ports(2, ground.ports)
        ground.ports.update((port, metrics_port))
        self.life = self.life._replace(port=port, metrics_port=metrics_port)
        gateway = ground.gateway()
        place = Place(self.folder / "tmp", ground.working_folder, ground.path, HOST, port, metrics_port, gateway)
        declared_values = volumes.led(declared_values, volumes.write(plan.files, self.folder / "files", self._look_up))
        values = placed(declared_values, plan.template.variables, place)
        arguments = tuple(expanded(argument, values) for argument in plan.program.arguments)
        if words := plan.program.misused(arguments):
            raise _MisusedError(words)
        cpus = limits.cpus_for(plan.cpu_limit, port)
        command = (*plan.program.entrypoint, *arguments)
        return process.Launch(command, values, self.folder / "tmp", self.log(), cpus)

    def _look_up(self, kind: Kind, name: str) -> Object | None:
        return self._ground.lookup(self.plan.key.namespace, kind, name)

    async def _ask(self, probe: readiness.Probe) -> None:
        """Ask for readiness until the process ends: eagerly at first, at its own period once it is ready."""
        port = self.life.port
        loop = asyncio.get_running_loop()
        await asyncio.sleep(probe.delay_seconds)
        began = loop.time()
        while True:
            while not await readiness.is_ready(probe, HOST, port):
                eager = loop.time() - began < readiness.EAGER_SECONDS
                await asyncio.sleep(readiness.EAGER_PERIOD_SECONDS if eager else readiness.PATIENT_PERIOD_SECONDS)
            self._change(ready=True, was_ready=True)
            failures = 0
            while failures < probe.failures:
                await asyncio.sleep(probe.period_seconds)
                failures = 0 if await readiness.is_ready(probe, HOST, port) else failures + 1
            self._change(ready=False)

    async def _end_after(self, before: Callable[[], Awaitable[None]]) -> None:
        try:
            await before()
        finally:
            if self._process:
                self._process.terminate()

    def _ended(self, code: int) -> None:
        """Take note of the process's end, and start it again now or later."""
        self._process = None
        self._stop_asking()
        ground, life, policy = self._ground, self.life, self.plan.template.restart_policy
        reason = end_reason(code, out_of_memory=self._out_of_memory)
        words = process.last_words(self.log()) if code else ""
        end = Termination(code, reason, words, life.started_at or life.created_at, ground.now())
        self._forget_older_logs()
        if self.draining:
            self.life = life._replace(started_at=None, ready=False, last=end)
            self._leave()
            return
        if policy != "Always" and (policy == "Never" or not code):
            self._release_ports()
            shutil.rmtree(self.folder / "tmp", ignore_errors=True)
            self._change(started_at=None, ready=False, last=end, over=True)
            return
        self._wait = next_wait(self._wait, ground.clock() - self._began)
        self._start_at = ground.clock() + self._wait
        container, pod = self.plan.container["name"], f"{life.name}_{self.plan.key.namespace}"
        words = f"back-off {self._wait:.0f}s restarting failed container={container} pod={pod}"
        self._change(started_at=None, ready=False, last=end, waiting=Waiting("CrashLoopBackOff", words))
        if not self._wait:
            self.start()

    def _wait_for(self, reason: str, words: str) -> None:
        self._change(waiting=Waiting(reason, words))

    def _change(self, **changes: object) -> None:
        self.life = self.life._replace(**changes)  # type: ignore[arg-type]
        self._moved(self)

    def _stop_asking(self) -> None:
        if self._asking:
            self._asking.cancel()
            self._asking = None

    def _leave(self) -> None:
        """Leave nothing behind."""
        self._release_ports()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.gone.set()
        self._moved(self)

    def _release_ports(self) -> None:
        self._ground.ports.difference_update((self.life.port, self.life.metrics_port))

    def _forget_older_logs(self) -> None:
        for older in (f"{self.life.restarts - 1}.log", f"{self.life.restarts - 1}.older.log"):
            (self.folder / older).unlink(missing_ok=True)

    def _log_words(self, words: str) -> None:
        with suppress(OSError), self.log().open("a") as log:
            log.write(f"{words}\n")
