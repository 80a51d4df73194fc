"""What a twin costs while nothing happens: processes, memory, CPU time."""

import time
from typing import NamedTuple

from loadtests.bench import processes
from loadtests.bench.twin.ground import Twin


class Rest(NamedTuple):
    """A twin at rest."""

    processes: int  # of functions
    twin_mb: float  # PSS
    envoy_mb: float
    twin_cpu: float  # seconds a minute
    envoy_cpu: float

    @property
    def mb(self) -> float:
        """Return the memory of both."""
        return self.twin_mb + self.envoy_mb


def measure(twin: Twin, seconds: float) -> Rest:
    """Look at a twin for so long."""
    sessions = twin.running.pid, twin.envoy or 0
    before = list(map(processes.cpu_seconds, sessions))
    time.sleep(seconds)
    used = [
        (processes.cpu_seconds(session) - then) * 60 / seconds for session, then in zip(sessions, before, strict=True)
    ]
    return Rest(len(twin.functions), *map(processes.pss_mb, sessions), *used)
