"""Clients that do harm: slow ones, ones that say half and stay, and very many at once."""

import time

import numpy as np

from loadtests.asked import Asked
from loadtests.digits import JSON_REQUESTS, MODEL
from loadtests.faults import models
from loadtests.faults.callers import ask_at_once, ask_slowly, question
from loadtests.faults.documented import CALLER
from loadtests.faults.faulty_twin import ENVOY, FaultyTwin, await_that
from loadtests.faults.process_sample import descriptors
from loadtests.faults.raw_http import Pace, half_open, request, vanish
from loadtests.faults.schedule import Blow
from loadtests.twin import HOST_HEADER

SLOW = 40
BYTE_BY_BYTE = Pace(sent_bytes=1, pause_seconds=0.01)
LARGE_ROWS = 200_000  # of an answer of 2.4 MB, more than sockets hold
READERS = 4
READ_SLOWLY = Pace(read_bytes=8192, pause_seconds=0.01)
HALF_HEADS, UNREAD = 400, 100  # connections
HALF_BODIES = 16  # each takes one of the 32 places of a version before it is whole


def go_slowly(twin: FaultyTwin, chance: np.random.Generator) -> list[Asked]:
    """Have requests come byte by byte, and large answers read late."""
    senders = [question(models.AWAKE, chance) for _ in range(SLOW)]
    readers = [question(models.AWAKE, chance, LARGE_ROWS) for _ in range(READERS)]
    return [
        *ask_slowly(twin.url, senders, CALLER, BYTE_BY_BYTE),
        *ask_slowly(twin.url, readers, CALLER, READ_SLOWLY),
    ]


def stay_half_open(twin: FaultyTwin, chance: np.random.Generator, blow: Blow) -> list[Asked]:
    """Have connections that say half a request, and some whose answer nobody reads; in the end they are gone."""
    whole = request(MODEL, HOST_HEADER.format(model=MODEL), JSON_REQUESTS[0])
    keeping, head = whole.replace(b"Connection: close\r\n", b""), whole.index(b"\r\n\r\n")
    there = [half_open(twin.url, whole[: int(chance.integers(1, head))]) for _ in range(HALF_HEADS)]
    there += [half_open(twin.url, whole[: int(chance.integers(head + 4, len(whole)))]) for _ in range(HALF_BODIES)]
    there += [half_open(twin.url, keeping) for _ in range(UNREAD)]
    time.sleep(blow.lasts_seconds)
    found = ask_at_once(twin.url, [question(models.AWAKE, chance) for _ in range(SLOW)], CALLER)
    held = _descriptors(twin)
    for connection in there:
        vanish(connection)
    # what carried whole requests is kept for a while, for the next ones
    await_that(lambda: _descriptors(twin) <= held - HALF_HEADS, "descriptors that are free again")
    return found


def _descriptors(twin: FaultyTwin) -> int:
    """Return how many the twin and Envoy have open."""
    return descriptors(twin.pid) + descriptors(twin.process(ENVOY))


def crowd(twin: FaultyTwin, chance: np.random.Generator, callers: int) -> list[Asked]:
    """Have very many ask a model that sleeps, each on a connection of its own, each something else."""
    return ask_at_once(twin.url, [question(models.CROWD, chance) for _ in range(callers)], CALLER)
