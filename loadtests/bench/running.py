"""One started contender: the time to its first correct answer, load on it, its memory, and its end."""

import http.client
import os
import signal
import subprocess
import time
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from loadtests.bench import processes, wrk
from loadtests.bench.contenders import Place
from loadtests.bench.models import Sample
from loadtests.wire import HEADER_LENGTH, as_json, outputs

START_SECONDS, STOP_SECONDS, ASK_SECONDS = 60, 10, 20
POLL_SECONDS = 0.005


class Measured(NamedTuple):
    """What wrk saw at one number of connections, and what the server's processes used for it."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    errors: int
    cpu_us: float


class Running:
    """A contender's processes; a context that ends them all."""

    def __init__(self, command: list[str], sample: Sample, place: Place, *, path: str, folder: Path) -> None:
        self.port, self.path, self.sample = place.port, path, sample
        self.body = as_json("input", sample.array).body
        self.body_file = folder / f"{sample.name}.json"
        self.body_file.write_bytes(self.body)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
        # onnxruntime's telemetry, which Poorwill switches off by itself, is off for all
        same = {"OMP_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"}
        environment = inherited | {"BENCH_MODEL": str(sample.path)} | same
        with (folder / "server.log").open("ab") as log:
            started = time.perf_counter()
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            self._await_answer(started + START_SECONDS)
        except BaseException:
            self.stop()
            raise
        self.cold_ms = (time.perf_counter() - started) * 1000

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def check(self) -> None:
        """Ask once; raise when the answer isn't what onnxruntime alone gives."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ASK_SECONDS)
        connection.request("POST", self.path, self.body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        content = response.read()
        connection.close()
        if response.status != HTTPStatus.OK:
            raise http.client.HTTPException(f"status {response.status}")
        check_answer(content, response.getheader(HEADER_LENGTH), self.sample)

    def load(self, connections: int, seconds: int) -> Measured:
        """Send the request over so many connections for so long."""
        before = processes.cpu_seconds(self.process.pid)
        seen = wrk.load(f"http://127.0.0.1:{self.port}{self.path}", connections, seconds, body=self.body_file)
        cpu_seconds = processes.cpu_seconds(self.process.pid) - before
        return Measured(
            requests_per_second=seen.requests / seen.seconds,
            p50_ms=seen.p50_ms,
            p99_ms=seen.p99_ms,
            errors=seen.errors,
            cpu_us=cpu_seconds / max(seen.requests, 1) * 1e6,
        )

    def stop(self) -> None:
        """End the processes: politely, then surely."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pid in processes.members(self.process.pid):  # workers that outlived the process that started them
            os.kill(pid, signal.SIGKILL)

    def _await_answer(self, deadline: float) -> None:
        while True:
            try:
                return self.check()
            except (OSError, http.client.HTTPException):
                if self.process.poll() is not None or time.perf_counter() > deadline:
                    raise
            time.sleep(POLL_SECONDS)


def check_answer(body: bytes, header_length: str | None, sample: Sample) -> None:
    """Raise when the output isn't what onnxruntime alone gives."""
    if not np.allclose(outputs(body, header_length)["output"], sample.expected, rtol=1e-4, atol=1e-6):
        raise ValueError(f"{sample.name}: the answer isn't the model's")
