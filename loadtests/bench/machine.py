"""The machine that is measured on: what it is, whether it is busy, and the store that models are pushed into."""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

from loadtests.bench import environments
from loadtests.bench.models import Sample

BUILD = environments.ROOT / "build" / "bench"
IDLE_LOAD = 0.5


def machine() -> str:
    """Return what the processors are."""
    cores = re.findall(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return f"{len(cores)} cores of {cores[0]}" if cores else platform.machine()


def warn_if_busy() -> None:
    """Say where others use the machine."""
    load = os.getloadavg()[0]
    if load > IDLE_LOAD:
        say(f"the machine is busy (load {load:.1f}): ratios will be rough, and the absolute numbers low")


def push(sample: Sample, store: Path) -> None:
    """Push a model as version 1."""
    command = [str(Path(sys.executable).with_name("poorwill")), "push", str(sample.path)]
    subprocess.run([*command, "--name", sample.name, "--store", str(store)], check=True, stdout=subprocess.DEVNULL)


def say(line: str) -> None:
    """Tell how far the run is."""
    print(line, file=sys.stderr, flush=True)
