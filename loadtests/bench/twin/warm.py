"""A function that is awake, asked on its own port and through the gateway, turn by turn."""

import statistics
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from loadtests.bench import processes, wrk
from loadtests.bench.twin.caller import INFER, Caller, Target
from loadtests.bench.twin.ground import Twin, port_of
from loadtests.wire import as_json

CONNECTIONS = 64
LIVE = "/v2/health/live"
_LEFT_OUT = 50  # first turns: connections are made, and caches filled


class Latency(NamedTuple):
    """Medians of one connection, in milliseconds."""

    direct_ms: float
    gateway_ms: float

    @property
    def added_ms(self) -> float:
        """Return what the gateway adds."""
        return self.gateway_ms - self.direct_ms


class Load(NamedTuple):
    """Many connections: what came back, and the CPU time of a request in microseconds, by who used it."""

    path: str
    way: str
    requests_per_second: float
    p99_ms: float
    errors: int
    function_us: float
    envoy_us: float
    twin_us: float
    wrk_us: float


class Warm(NamedTuple):
    """A twin and its one function that is awake."""

    twin: Twin
    name: str
    function: int  # its process

    def latency(self, turns: int) -> Latency:
        """Return the medians over so many turns; in each both ways are asked once."""
        sample = self.twin.ground.sample
        ways = Target(port_of(self.function)), self.twin.target(self.name)
        with ExitStack() as stack:
            callers = [stack.enter_context(Caller(target, sample)) for target in ways]
            times = [[caller.ask() for caller in callers] for _ in range(turns + _LEFT_OUT)]
        direct, gateway = zip(*times[_LEFT_OUT:], strict=True)
        return Latency(statistics.median(direct), statistics.median(gateway))

    def load(self, path: str, way: str, seconds: int) -> Load:
        """Return what 64 connections get; `way` is direct or the name of the data path."""
        target = Target(port_of(self.function)) if way == "direct" else self.twin.target(self.name)
        before = self._cpu_seconds()
        seen = wrk.load(
            f"http://127.0.0.1:{target.port}{path}", CONNECTIONS, seconds, body=self._body(path), host=target.host
        )
        used = [now - then for now, then in zip(self._cpu_seconds(), before, strict=True)]
        by_request = [cpu / max(seen.requests, 1) * 1e6 for cpu in (*used, seen.cpu_seconds)]
        return Load(path, way, seen.requests / seen.seconds, seen.p99_ms, seen.errors, *by_request)

    def _cpu_seconds(self) -> list[float]:
        envoy = self.twin.envoy
        sessions = self.function, envoy, self.twin.running.pid
        return [processes.cpu_seconds(session) if session else 0.0 for session in sessions]

    def _body(self, path: str) -> Path | None:
        if path == LIVE:
            return None
        file = self.twin.ground.folder / "infer.json"
        file.write_bytes(as_json("input", self.twin.ground.sample.array).body)
        return file


def infer_path(twin: Twin) -> str:
    """Return where the model is asked."""
    return INFER.format(model=twin.ground.sample.name)
