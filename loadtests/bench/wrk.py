"""Load by wrk: so many connections, each asking again as soon as it has its answer."""

import json
import os
import re
import resource
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

SCRIPT = Path(__file__).with_name("post.lua")
TIMEOUT_SECONDS = 20
MISSING = "wrk is not installed (Debian: apt install wrk): no load, so no requests a second and no p99"


class Seen(NamedTuple):
    """What wrk saw, and the CPU time that it took itself."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    errors: int
    cpu_seconds: float


def is_there() -> bool:
    """Return whether wrk is installed."""
    return shutil.which("wrk") is not None


def load(url: str, connections: int, seconds: int, *, body: Path | None = None, host: str = "") -> Seen:
    """Ask for so long: POST with the JSON in the file `body`, GET without one; `host` is the header where given."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", f"{TIMEOUT_SECONDS}s"]
    command += ["-H", f"Host: {host}"] if host else []
    environment = os.environ | ({"BENCH_BODY": str(body)} if body else {})
    before = _children_cpu_seconds()
    done = subprocess.run(
        [*command, "-s", str(SCRIPT), url], env=environment, capture_output=True, text=True, check=True
    )
    match = re.search(r"^RESULT (.*)$", done.stdout, re.MULTILINE)
    if match is None:
        raise RuntimeError("wrk ended without a result")
    return Seen(**json.loads(match[1]), cpu_seconds=_children_cpu_seconds() - before)


def _children_cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
