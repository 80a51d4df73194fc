"""The same picture to the same server as JSON and as a binary tensor, turn by turn on one connection."""

import http.client
import json
import statistics
import time
from http import HTTPStatus
from typing import NamedTuple

from loadtests.bench.models import Sample
from loadtests.bench.running import ASK_SECONDS, check_answer

HEADER_LENGTH = "Inference-Header-Content-Length"
TURNS = 40


class Encoded(NamedTuple):
    """One request, ready to send."""

    headers: dict[str, str]
    body: bytes


class ImageTimes(NamedTuple):
    """Medians, request to answer, and what was sent."""

    json_ms: float
    binary_ms: float
    json_bytes: int
    binary_bytes: int


def as_json(sample: Sample) -> Encoded:
    """Return the request as the Open Inference Protocol's JSON."""
    return Encoded({"Content-Type": "application/json"}, json.dumps(sample.request(), separators=(",", ":")).encode())


def as_binary(sample: Sample) -> Encoded:
    """Return the request with its tensor behind the JSON, as the binary tensor extension has it."""
    raw = sample.array.tobytes()
    (tensor,) = sample.request()["inputs"]
    described = {key: tensor[key] for key in ("name", "datatype", "shape")}
    described["parameters"] = {"binary_data_size": len(raw)}
    header = json.dumps({"inputs": [described]}).encode()
    headers = {"Content-Type": "application/octet-stream", HEADER_LENGTH: str(len(header))}
    return Encoded(headers, header + raw)


def measure(port: int, sample: Sample, turns: int = TURNS) -> ImageTimes:
    """Return the medians of so many turns, each answer checked; bodies are made beforehand, so the server is timed."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ASK_SECONDS)
    written, packed = as_json(sample), as_binary(sample)
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
    check_answer(json.loads(content), sample)
    return elapsed_ms
