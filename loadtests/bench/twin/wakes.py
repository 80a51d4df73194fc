"""A version that sleeps, until it answers; and the same process started by hand, until it answers."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from typing import NamedTuple

from functions.examples.served import free_port

from loadtests.bench.processes import PROC
from loadtests.bench.running import POLL_SECONDS, STOP_SECONDS
from loadtests.bench.twin.caller import Caller, Target
from loadtests.bench.twin.ground import WAIT_SECONDS, Twin, await_, variables_of


class Wake(NamedTuple):
    """One turn, in milliseconds."""

    wake_ms: float
    bare_ms: float


class Start(NamedTuple):
    """How a function's process was started, read off one that runs."""

    command: list[str]
    variables: dict[str, str]
    cpus: set[int]


def start_of(pid: int) -> Start:
    """Return how to start the like of a process."""
    command = (PROC / str(pid) / "cmdline").read_text().rstrip("\0").split("\0")
    return Start(command, variables_of(pid), os.sched_getaffinity(pid))


def measure(twin: Twin, names: list[str]) -> list[Wake]:
    """Wake one version after the other; before or after each, by turns, start its process by hand."""
    sample = twin.ground.sample
    with Caller(twin.target(names[0]), sample) as caller:  # an unmeasured one shows how they are started
        caller.ask()
    start = start_of(twin.functions[0])
    found = []
    for number, name in enumerate(names[1:]):
        bare_ms = bare(start, twin) if number % 2 else 0.0
        started = time.perf_counter()
        with Caller(twin.target(name), sample) as caller:
            caller.ask()
        wake_ms = (time.perf_counter() - started) * 1000
        found.append(Wake(wake_ms, bare_ms or bare(start, twin)))
    return found


def bare(start: Start, twin: Twin) -> float:
    """Return how long the process takes to its first right answer, asked every 5 ms."""
    folder = twin.ground.folder / "bare"
    folder.mkdir(exist_ok=True)
    port = free_port()
    own = {"PORT": str(port), "POORWILL_METRICS_PORT": str(free_port()), "HOME": str(folder), "TMPDIR": str(folder)}
    with (folder / "log").open("wb") as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            start.command, cwd=folder, env=start.variables | own, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            os.sched_setaffinity(process.pid, start.cpus)
            _await_answer(Target(port), twin, began + WAIT_SECONDS)
            return (time.perf_counter() - began) * 1000
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)


def _await_answer(target: Target, twin: Twin, deadline: float) -> None:
    while time.perf_counter() < deadline:
        with suppress(OSError), Caller(target, twin.ground.sample) as caller:
            caller.ask()
            return
        time.sleep(POLL_SECONDS)
    raise TimeoutError("the process did not answer")


def await_sleep(twin: Twin) -> None:
    """Wait until no function of a twin has a process."""
    await_(lambda: not twin.functions)
