"""One started server: the time to its first correct answer, load on it, its memory, and its end."""

import http.client
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from loadtests.bench import processes, wrk
from loadtests.bench.models import Sample
from loadtests.wire import HEADER_LENGTH, as_json, outputs

START_SECONDS, STOP_SECONDS, ASK_SECONDS = 60, 10, 20
POLL_SECONDS = 0.005
CLOSE, CLOSE_TO_LARGEST = 1e-4, 1e-5  # kernels add in another order where there are more threads


class Form(NamedTuple):
    """How a server is asked: where, with what body, and where in its answer the output is."""

    path: str
    body: Callable[[np.ndarray], bytes]
    output: Callable[[bytes, str | None], np.ndarray]


class Measured(NamedTuple):
    """What wrk saw at one number of connections, and what the server's processes, and wrk's, used for it."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    errors: int
    cpu_us: float
    wrk_us: float = 0.0


def open_inference(path: str) -> Form:
    """Return the form of a server that speaks the Open Inference Protocol's JSON at a path."""
    return Form(path, lambda array: as_json("input", array).body, lambda body, header: outputs(body, header)["output"])


class Running:
    """A server's processes; a context that ends them all.

    Args:
        command: that starts it.
        sample: that it is asked with, and the answer that is right.
        port: of 127.0.0.1 where it listens.
        form: see Form.
        folder: that it runs in.
        variables: of its environment, beside those of this process.
    """

    def __init__(
        self,
        command: list[str],
        sample: Sample,
        port: int,
        *,
        form: Form,
        folder: Path,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.port, self.form, self.path, self.sample = port, form, form.path, sample
        self.body = form.body(sample.array)
        self.body_file = folder / f"{sample.name}.json"
        self.body_file.write_bytes(self.body)
        self.mark = f"BENCH_MARK={uuid.uuid4().hex}"
        with (folder / "server.log").open("ab") as log:
            started = time.perf_counter()
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=_environment(self.mark) | dict(variables or {}),
                stdout=log,
                stderr=log,
                start_new_session=True,
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
        check_output(self.form.output(content, response.getheader(HEADER_LENGTH)), self.sample)

    def load(self, connections: int, seconds: int, get: str = "") -> Measured:
        """Send the request, or GET a path, over so many connections for so long."""
        before = self._cpu_seconds()
        url = f"http://127.0.0.1:{self.port}{get or self.path}"
        seen = wrk.load(url, connections, seconds, body=None if get else self.body_file)
        used_seconds = self._cpu_seconds() - before
        return Measured(
            requests_per_second=seen.requests / seen.seconds,
            p50_ms=seen.p50_ms,
            p99_ms=seen.p99_ms,
            errors=seen.errors,
            cpu_us=used_seconds / max(seen.requests, 1) * 1e6,
            wrk_us=seen.cpu_seconds / max(seen.requests, 1) * 1e6,
        )

    def pss_mb(self) -> float:
        """Return the memory of all its processes."""
        return processes.pss_mb(self.process.pid, self.mark)

    def stop(self) -> None:
        """End the processes: politely, then surely."""
        known = processes.members(self.process.pid, self.mark)
        try:
            if self.process.poll() is None:
                self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
        finally:  # workers that outlive the process that started them; all of them where Ctrl-C comes twice
            _kill({*known, *processes.members(self.process.pid, self.mark)})
            self.process.wait()
        deadline = time.perf_counter() + STOP_SECONDS
        while processes.members(self.process.pid, self.mark) and time.perf_counter() < deadline:
            time.sleep(POLL_SECONDS)

    def _cpu_seconds(self) -> float:
        return processes.cpu_seconds(self.process.pid, self.mark)

    def _await_answer(self, deadline: float) -> None:
        while True:
            try:
                return self.check()
            except (OSError, http.client.HTTPException):
                if self.process.poll() is not None or time.perf_counter() > deadline:
                    raise
            time.sleep(POLL_SECONDS)


def check_answer(body: bytes, header_length: str | None, sample: Sample) -> None:
    """Raise when the output of an answer in the Open Inference Protocol isn't what onnxruntime alone gives."""
    check_output(outputs(body, header_length)["output"], sample)


def check_output(output: np.ndarray, sample: Sample) -> None:
    """Raise when it isn't what onnxruntime alone gives."""
    least = CLOSE_TO_LARGEST * float(np.abs(sample.expected).max())
    if output.shape != sample.expected.shape or not np.allclose(output, sample.expected, rtol=CLOSE, atol=least):
        raise ValueError(f"{sample.name}: the answer isn't the model's")


def _environment(mark: str) -> dict[str, str]:
    strange = ("PYTHON", "VIRTUAL", "POORWILL_")  # nothing of this shell's settings decides
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    # onnxruntime's telemetry, which Poorwill switches off by itself, is off for all
    return inherited | {"OMP_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"} | dict([mark.split("=")])


def _kill(pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
