"""The same picture to the same server as JSON and as a binary tensor, turn by turn on one connection."""

import http.client
import statistics
import time
from http import HTTPStatus
from typing import NamedTuple

from loadtests.bench.models import Sample
from loadtests.bench.running import ASK_SECONDS, check_answer
from loadtests.wire import HEADER_LENGTH, Encoded, as_binary, as_json

TURNS = 40


class ImageTimes(NamedTuple):
    """Medians, request to answer, and what was sent."""

    json_ms: float
    binary_ms: float
    json_bytes: int
    binary_bytes: int


def measure(port: int, sample: Sample, turns: int = TURNS) -> ImageTimes:
    """Return the medians of so many turns, each answer checked; bodies are made beforehand, so the server is timed."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ASK_SECONDS)
    written, packed = as_json("input", sample.array), as_binary("input", sample.array)
    json_ms, binary_ms = [], []
    for _ in range(turns):
        json_ms.append(_ask(connection, written, sample))
        binary_ms.append(_ask(connection, packed, sample))
    connection.close()
    return ImageTimes(statistics.median(json_ms), statistics.median(binary_ms), len(written.body), len(packed.body))


def _ask(connection: http.client.HTTPConnection, request: Encoded, sample: Sample) -> float:
    started = time.perf_counter()
    connection.request("POST", "/v2/models/image/infer", request.body, request.headers)
    response = connection.getresponse()
    content = response.read()
    elapsed_ms = (time.perf_counter() - started) * 1000
    if response.status != HTTPStatus.OK:
        raise http.client.HTTPException(f"status {response.status}")
    check_answer(content, response.getheader(HEADER_LENGTH), sample)
    return elapsed_ms
