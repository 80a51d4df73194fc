"""Does each fault to a twin under load, mends it, and waits until the twin answers again."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from loadtests.asked import Asked
from loadtests.digits import JSON_REQUESTS, MODEL
from loadtests.faults import harm_clients, harm_store
from loadtests.faults.faulty_store import FaultyStore
from loadtests.faults.faulty_twin import ENVOY, POLL_SECONDS, FaultyTwin, await_that, lives
from loadtests.faults.raw_http import request, send
from loadtests.faults.schedule import Blow, Fault
from loadtests.twin import HOST_HEADER

IN_A_ROW = 5  # answers, until a model counts as back
EVENT_SECONDS = 0.05  # until a process that dies has cost somebody an event


class Ground(NamedTuple):
    """What harm is done to, and by what means."""

    twin: FaultyTwin
    chance: np.random.Generator
    store: FaultyStore | None = None  # where no fault is the store's
    crowd: int = 1000  # callers of one wake
    settle_seconds: float = 6.0  # after a fault, in which the rate of answers is measured


class Struck(NamedTuple):
    """One fault as it was done; seconds since the epoch."""

    fault: Fault
    version: int  # whose process was killed
    begin_seconds: float
    done_seconds: float  # when what was killed was dead
    mended_seconds: float
    end_seconds: float  # when the next one may come
    asked: list[Asked]  # by the run's own callers


class Done(NamedTuple):
    """What a fault leaves to be known once it is mended."""

    asked: list[Asked]  # by the run's own callers
    done_seconds: float = 0.0  # when what was killed was dead; 0 where nothing was


Harm = Callable[[Ground, Blow], Done]
"""Does a fault, and returns when it is mended."""


def strike(ground: Ground, blow: Blow) -> Struck:
    """Do one fault, and return when there was time to recover from it."""
    begin_seconds = time.time()
    done = HARMS[blow.fault](ground, blow)
    mended_seconds = time.time()
    for version in (1, 2):
        _await_back(ground.twin, f"{MODEL}-v{version}")
    time.sleep(ground.settle_seconds + blow.rest_seconds)
    return Struck(
        blow.fault,
        blow.version,
        begin_seconds,
        done.done_seconds or begin_seconds,
        mended_seconds,
        time.time(),
        done.asked,
    )


def _kill_function(ground: Ground, blow: Blow) -> Done:
    return _killed(ground.twin.process(f"{MODEL}-v{blow.version}"))


def _kill_envoy(ground: Ground, blow: Blow) -> Done:  # noqa: ARG001 - nothing is left to chance
    return _killed(ground.twin.process(ENVOY))


def _kill_twin(ground: Ground, blow: Blow) -> Done:  # noqa: ARG001
    ground.twin.kill()
    done_seconds = time.time()
    ground.twin.start_again()
    return Done([], done_seconds)


def _killed(pid: int) -> Done:
    os.kill(pid, signal.SIGKILL)
    await_that(lambda: not lives(pid), "a process that is dead")
    return Done([], time.time())


def _set_clock(ground: Ground, blow: Blow) -> Done:
    _with_clock(ground, blow, blow.offset_seconds)
    return Done([])


def _set_clock_back(ground: Ground, blow: Blow) -> Done:
    """Set it back when events wait to be tried again: their time is then far ahead."""
    done = _kill_function(ground, blow)
    time.sleep(EVENT_SECONDS)
    _with_clock(ground, blow, -blow.offset_seconds)
    return done


def _with_clock(ground: Ground, blow: Blow, offset_seconds: float) -> None:
    ground.twin.set_clock(offset_seconds)
    try:
        time.sleep(blow.lasts_seconds)
    finally:
        ground.twin.set_clock(0)


def _fill_disk(ground: Ground, blow: Blow) -> Done:
    with ground.twin.full_disk():
        time.sleep(blow.lasts_seconds)
    return Done([], time.time())


def _of_the_store(does: harm_store.StoreHarm) -> Harm:
    def harm(ground: Ground, blow: Blow) -> Done:
        if ground.store is None:
            raise SystemExit(f"faults: wanted a store for {blow.fault!r}, found none")
        return Done(does(ground.twin, ground.store, ground.chance, blow))

    return harm


def _await_back(twin: FaultyTwin, service: str) -> None:
    """Return when a version answers, several times in a row."""
    data = request(MODEL, HOST_HEADER.format(model=service), JSON_REQUESTS[0])
    row = 0

    def is_back() -> bool:
        nonlocal row
        row = row + 1 if asyncio.run(send(twin.url, data)).status == 200 else 0
        return row >= IN_A_ROW

    await_that(is_back, f"{service} to answer")
    time.sleep(POLL_SECONDS)


HARMS: Mapping[Fault, Harm] = {
    Fault.FUNCTION: _kill_function,
    Fault.AGAIN: _kill_function,
    Fault.ENVOY: _kill_envoy,
    Fault.TWIN: _kill_twin,
    Fault.SLOW_STORE: _of_the_store(harm_store.slow),
    Fault.STORE_AWAY: _of_the_store(harm_store.away),
    Fault.LYING_STORE: _of_the_store(harm_store.lie),
    Fault.SLOW_CLIENTS: lambda ground, _: Done(harm_clients.go_slowly(ground.twin, ground.chance)),
    Fault.HALF_OPEN: lambda ground, blow: Done(harm_clients.stay_half_open(ground.twin, ground.chance, blow)),
    Fault.CROWD: lambda ground, _: Done(harm_clients.crowd(ground.twin, ground.chance, ground.crowd)),
    Fault.CLOCK_AHEAD: _set_clock,
    Fault.CLOCK_BACK: _set_clock_back,
    Fault.FULL_DISK: _fill_disk,
}
