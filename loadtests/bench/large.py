"""Measure large requests: what a predictor takes for one, beside the bare copy of its bytes and the model alone.

python -m loadtests.bench.large [--rounds 9] [--keep]
"""

import argparse
import datetime as dt
import json
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from http.client import HTTPResponse
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from loadtests.bench.machine import BUILD, machine, push, say, warn_if_busy
from loadtests.bench.models import SEED, Sample
from loadtests.bench.processes import PROC
from loadtests.bench.report import Goal, goal_table, number, replace_between_markers, table
from loadtests.wire import Encoded, as_binary, as_json, outputs

PAGE, MARK = Path(__file__).parents[2] / "docs" / "benchmarks.md", "bench-large"
GOAL_RATIO = 1.3
BINARY, JSON = "10 MB in binary", "1 MB of JSON"
BINARY_NUMBERS, JSON_NUMBERS = 2_500_000, 90_000
REQUESTS = {BINARY: 20, JSON: 40}  # of one round
START_SECONDS = 30


class Round(NamedTuple):
    """Milliseconds of one request: CPU time of the process that received it, and from its first byte to its answer."""

    cpu_ms: float
    wall_ms: float


class Measured(NamedTuple):
    """The rounds of one kind of request, and what the model alone takes."""

    server: list[Round]
    copy: list[Round]
    model_ms: list[float]


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.bench.large", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--keep", action="store_true", help=f"put the tables into {PAGE.name}")
    options = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    warn_if_busy()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        arrays = {BINARY: _numbers(BINARY_NUMBERS), JSON: _numbers(JSON_NUMBERS)}
        path = _make_model(folder)
        push(Sample(path.stem, path, arrays[JSON], arrays[JSON]), folder / "store")
        measured = {}
        for kind, array in arrays.items():
            encoded = as_binary("input", array) if kind == BINARY else as_json("input", array)
            measured[kind] = _measure(kind, path, array, encoded, options.rounds)
    _publish(measured, keep=options.keep)


def _numbers(count: int) -> np.ndarray:
    return np.random.default_rng(SEED).standard_normal((1, count)).astype(np.float32)


def _make_model(folder: Path) -> Path:
    """Write the mean of each row: it reads every number and costs next to nothing."""
    node = helper.make_node("ReduceMean", ["input"], ["output"], axes=[1], keepdims=0)
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("input", ["batch", "width"]), ("output", ["batch"]))
    ]
    model = helper.make_model(
        helper.make_graph([node], "mean", values[:1], values[1:]), opset_imports=[helper.make_opsetid("", 17)]
    )
    model.ir_version = 8
    onnx.save(model, folder / "mean.onnx")
    return folder / "mean.onnx"


def _measure(kind: str, path: Path, array: np.ndarray, encoded: Encoded, rounds: int) -> Measured:
    session = onnxruntime.InferenceSession(str(path), _one_thread(), providers=["CPUExecutionProvider"])
    run = partial(session.run, ["output"], {"input": array})
    expected = run()[0]
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    bare = get_context("fork").Process(target=_receive, args=(listener, len(encoded.body)), daemon=True)
    bare.start()
    server = _serve(path.parent / "store", path.stem)
    try:
        ask = partial(_ask, _connected(server.port), f"/v2/models/{path.stem}/infer", encoded, expected)
        copy = partial(_copy, _connected(port), encoded.body)
        measured = Measured([], [], [])
        for count in range(rounds + 1):  # the first warms all of them up
            found = (
                _round(server.process.pid, ask, REQUESTS[kind]),
                _round(bare.pid or 0, copy, REQUESTS[kind]),
                _run_ms(run, REQUESTS[kind]),
            )
            if count:
                for kept, one in zip(measured, found, strict=True):
                    kept.append(one)  # type: ignore[arg-type]
                say(f"{kind}, round {count}: {found[0].cpu_ms:.2f} ms of CPU, the copy {found[1].cpu_ms:.2f} ms")
        return measured
    finally:
        server.process.terminate()
        server.process.wait()
        bare.terminate()


def _one_thread() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return options


class _Server(NamedTuple):
    process: subprocess.Popen[bytes]
    port: int


def _serve(store: Path, name: str) -> _Server:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("poorwill")), "serve", f"{name}@1", "--store", str(store)]
    process = subprocess.Popen([*command, "--port", str(port)], stdout=subprocess.DEVNULL)
    return _Server(process, port)


def _connected(port: int) -> socket.socket:
    deadline = time.perf_counter() + START_SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except OSError:
            if time.perf_counter() > deadline:
                raise
            time.sleep(0.05)


def _receive(listener: socket.socket, size_bytes: int) -> None:
    """Receive so many bytes into one buffer, say so, and begin again: the copy that no server can do without."""
    client, _ = listener.accept()
    view = memoryview(bytearray(size_bytes))
    while True:
        got = 0
        while got < size_bytes:
            count = client.recv_into(view[got:])
            if not count:
                return
            got += count
        client.sendall(b".")


def _copy(client: socket.socket, body: bytes) -> None:
    client.sendall(body)
    client.recv(1)


def _ask(client: socket.socket, path: str, encoded: Encoded, expected: np.ndarray) -> None:
    headers = "".join(f"{name}: {value}\r\n" for name, value in encoded.headers.items())
    head = f"POST {path} HTTP/1.1\r\nHost: here\r\n{headers}Content-Length: {len(encoded.body)}\r\n\r\n"
    client.sendall(head.encode())
    client.sendall(encoded.body)
    answer = HTTPResponse(client)
    answer.begin()
    found = outputs(answer.read(), answer.getheader("Inference-Header-Content-Length"))["output"]
    if not np.allclose(found, expected, rtol=1e-4, atol=1e-6):
        raise ValueError("the answer isn't the model's")


def _round(pid: int, ask: Callable[[], None], requests: int) -> Round:
    before, began = _cpu_ms(pid), time.perf_counter()
    for _ in range(requests):
        ask()
    wall_ms = (time.perf_counter() - began) * 1000
    return Round((_cpu_ms(pid) - before) / requests, wall_ms / requests)


def _run_ms(run: Callable[[], object], requests: int) -> float:
    began = time.thread_time()
    for _ in range(requests):
        run()
    return (time.thread_time() - began) * 1000 / requests


def _cpu_ms(pid: int) -> float:
    """Return the CPU time of all threads, to the nanosecond; ticks of /proc/<pid>/stat are 10 ms long."""
    tasks = (PROC / str(pid) / "task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6


def _row(kind: str, measured: Measured) -> tuple[str, ...]:
    server, copy, model_ms = _medians(measured)
    found = (
        server.cpu_ms,
        copy.cpu_ms,
        model_ms,
        server.cpu_ms / (copy.cpu_ms + model_ms),
        server.wall_ms,
        copy.wall_ms,
    )
    return (kind, *(number(each, 2) for each in found))


def _medians(measured: Measured) -> tuple[Round, Round, float]:
    server, copy = (
        Round(*(statistics.median(column) for column in zip(*rounds, strict=True))) for rounds in measured[:2]
    )
    return server, copy, statistics.median(measured.model_ms)


def _publish(measured: dict[str, Measured], *, keep: bool) -> None:
    now = dt.datetime.now(dt.UTC)
    goals = []
    for kind, one in measured.items():
        server, copy, model_ms = _medians(one)
        words = f"CPU time of a request of {kind}, of the copy of its bytes and the model alone"
        goals.append(Goal(words, GOAL_RATIO, server.cpu_ms / (copy.cpu_ms + model_ms), at_least=False))
    columns = (
        "medians, ms",
        "predictor, CPU",
        "bare copy, CPU",
        "model, CPU",
        "ratio",
        "predictor, wall",
        "copy, wall",
    )
    rows = [_row(kind, one) for kind, one in measured.items()]
    found = {kind: one._asdict() for kind, one in measured.items()}
    path = BUILD / "large.json"
    path.write_text(json.dumps({"date": now.isoformat(), "machine": machine(), "rounds": found}, indent=1))
    command = "`make bench README=1`" if keep else "`make bench`"
    header = f"{now:%Y-%m-%d}, {machine()}, Python {platform.python_version()}, {command}:"
    page = "\n\n".join((header, goal_table(goals), table(columns, rows)))
    if keep:
        PAGE.write_text(replace_between_markers(PAGE.read_text(), f"{page.rstrip()}\n", MARK))
    print(page)


if __name__ == "__main__":
    main()
