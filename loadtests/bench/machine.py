"""The machine that is measured on: what it is, whether it is busy, and the store that models are pushed into."""

import os
import subprocess
import sys
from pathlib import Path

from loadtests.bench import environments
from loadtests.bench.models import Sample
from loadtests.processors import machine

BUILD = environments.ROOT / "build" / "bench"
IDLE_LOAD = 0.5
__all__ = ["BUILD", "machine", "push", "say", "warn_if_busy"]


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
