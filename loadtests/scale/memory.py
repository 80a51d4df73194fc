"""A twin's memory: of its own process and Envoy's, with versions asleep and functions awake."""

import http.client
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np

from loadtests import tail_model
from loadtests.bench import processes
from loadtests.bench.twin.caller import Target
from loadtests.scale.place import Place
from loadtests.scale.seen import Memory
from loadtests.wire import as_json

ASKED = np.array([[0.5, -1.25, 2.0, 0.75]], np.float32)
AT_ONCE, ASK_SECONDS, SETTLE_SECONDS = 4, 60, 3


def at_rest(place: Place, asleep: int) -> Memory:
    """Return a twin's memory once nothing runs in it."""
    place.await_sleep()
    time.sleep(SETTLE_SECONDS)
    return _look(place, asleep)


def with_awake(place: Place, numbers: Sequence[int], asleep: int) -> Memory:
    """Wake these models' first versions, and return the twin's memory while they are awake."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(lambda number: wake_seconds(place, number), numbers):
            pass
    return _look(place, asleep)


def wake_seconds(place: Place, number: int) -> float:
    """Return how long a model's first version takes to answer, from zero where it sleeps.

    Raises:
        ConnectionError: what is answered is not the model's.
    """
    model = tail_model.name(number)
    target: Target = place.target(f"{model}-v1")
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=ASK_SECONDS)
    try:
        headers = {"Host": target.host, "Content-Type": "application/json"}
        connection.request("POST", f"/v2/models/{model}/infer", as_json("input", ASKED).body, headers)
        status = connection.getresponse().status
    finally:
        connection.close()
    if status != http.client.OK:
        raise ConnectionError(f"{model}: wanted an answer, found {status}")
    return time.perf_counter() - began


def _look(place: Place, asleep: int) -> Memory:
    functions_mb, awake = 0.0, 0
    for pid in place.functions:
        with suppress(OSError):  # one that just ended
            functions_mb += processes.pss_mb(pid)
            awake += 1
    return Memory(asleep, awake, processes.pss_mb(place.running.pid), processes.pss_mb(place.envoy or 0), functions_mb)
