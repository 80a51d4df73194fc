"""What no server can be faster than, measured in the same run: the reasons of goals that are missed."""

import json
import statistics
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import numpy as np
import onnxruntime

from loadtests.bench import wrk
from loadtests.bench.models import Sample
from loadtests.peers.models import SMALL
from loadtests.peers.rows import OURS
from loadtests.peers.tour import MANY_CONNECTIONS, Tour

LIVE, LEDGER = "/v2/health/live", "/cold-start"
LIVE_SECONDS, IMPORTS, STARTS, RUN_SECONDS = 2, 7, 5, 1.0


class Floors(NamedTuple):
    """Medians.

    Attributes:
        import_ms: of an interpreter that imports onnxruntime in our environment, and ends.
        run_us: of the model alone, in this process, on one thread and connection, by model.
        live_us: of CPU that our server takes of a request for its health, which no model answers; None without wrk.
        phases_ms: of our cold start, by model and phase; the fetch runs beside the imports.
    """

    import_ms: float
    run_us: Mapping[str, float]
    live_us: float | None
    phases_ms: Mapping[str, Mapping[str, float]]


def measure(tour: Tour) -> Floors:
    """Measure them."""
    run_us = {name: _run_us(sample) for name, sample in tour.samples.items()}
    phases_ms = {name: _phases_ms(tour, name) for name in tour.samples}
    return Floors(_import_ms(tour.bins[OURS]), run_us, _live_us(tour), phases_ms)


def _import_ms(bin_folder: Path) -> float:
    command = [str(bin_folder / "python"), "-c", "import onnxruntime"]
    found = []
    for _ in range(IMPORTS):
        began = time.perf_counter()
        subprocess.run(command, check=True)
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


def _run_us(sample: Sample) -> float:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(sample.path), options, providers=["CPUExecutionProvider"])
    array, found = np.asarray(sample.array), []
    end = time.perf_counter() + RUN_SECONDS
    while time.perf_counter() < end:
        began = time.perf_counter()
        session.run(["output"], {"input": array})
        found.append((time.perf_counter() - began) * 1e6)
    return statistics.median(found)


def _live_us(tour: Tour) -> float | None:
    if not wrk.is_there():
        return None
    with tour.started(OURS, SMALL if SMALL in tour.samples else next(iter(tour.samples))) as running:
        return running.load(MANY_CONNECTIONS, LIVE_SECONDS, get=LIVE).cpu_us


def _phases_ms(tour: Tour, model: str) -> dict[str, float]:
    found: list[dict[str, float]] = []
    for _ in range(STARTS):
        with tour.started(OURS, model) as running, urlopen(f"http://127.0.0.1:{running.port}{LEDGER}") as answer:
            found.append({phase["name"]: phase["duration_ms"] for phase in json.load(answer)["phases"]})
    return {name: statistics.median(each[name] for each in found) for name in found[0]}
