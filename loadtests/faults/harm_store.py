"""A store that is slow, away or lying while a model wakes, and callers who wait for that."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from loadtests import tail_model
from loadtests.asked import Asked
from loadtests.faults import models
from loadtests.faults.callers import Question, ask_at_once, question
from loadtests.faults.documented import CALLER
from loadtests.faults.faulty_store import FaultyStore
from loadtests.faults.faulty_twin import FaultyTwin, await_that
from loadtests.faults.schedule import Blow

CALLERS = 8


StoreHarm = Callable[[FaultyTwin, FaultyStore, np.random.Generator, Blow], list[Asked]]
"""Does a fault of the store while a model wakes, and returns what its callers saw."""


def slow(twin: FaultyTwin, store: FaultyStore, chance: np.random.Generator, blow: Blow) -> list[Asked]:
    """Wake a model from a store whose bytes come late."""
    with store.proxy.slow(blow.delay_seconds):
        return ask_at_once(twin.url, _questions(models.SLOW_STORE, chance), CALLER)


def away(twin: FaultyTwin, store: FaultyStore, chance: np.random.Generator, blow: Blow) -> list[Asked]:
    """Wake a model from a store that comes back meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        with store.proxy.away():
            waiting = pool.submit(ask_at_once, twin.url, _questions(models.STORE_AWAY, chance), CALLER)
            time.sleep(blow.lasts_seconds)
        return waiting.result()


def lie(twin: FaultyTwin, store: FaultyStore, chance: np.random.Generator, blow: Blow) -> list[Asked]:  # noqa: ARG001
    """Wake a model whose bytes in the store are others; then mend them, and wait until it answers."""
    with store.lying(tail_model.weights(models.LYING_STORE).tobytes()):
        found = ask_at_once(twin.url, _questions(models.LYING_STORE, chance), CALLER)

    def is_back() -> bool:
        found.extend(ask_at_once(twin.url, _questions(models.LYING_STORE, chance)[:1], CALLER))
        return found[-1].said == ""

    await_that(is_back, "a model that wakes from a store that is mended")
    return found


def _questions(number: int, chance: np.random.Generator) -> list[Question]:
    return [question(number, chance) for _ in range(CALLERS)]
