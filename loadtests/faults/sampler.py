"""Looks at a twin's processes and files again and again, while something else goes on."""

import time
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple, Self

from loadtests.bench.processes import children
from loadtests.digits import MODEL
from loadtests.faults.faulty_twin import ENVOY, FaultyTwin
from loadtests.faults.process_sample import ProcessSample, look

LOOK_SECONDS = 3.0
TWIN = "twin"
WATCHED = (ENVOY, f"{MODEL}-v1", f"{MODEL}-v2")
"""Of the twin's children: those that are there all the time."""


class Sample(NamedTuple):
    """One look at all of them."""

    at_seconds: float  # since the epoch
    processes: Mapping[str, ProcessSample]
    children: int  # of the twin, models that are awake among them
    journal_bytes: int
    disk_bytes: int  # of all in the twin's folder


class Sampler:
    """Collects samples in a thread of its own; a context that ends it.

    Args:
        twin: that is looked at.
        samples: that are added to.
    """

    def __init__(self, twin: FaultyTwin, samples: list[Sample]) -> None:
        self._samples = samples
        self._twin = twin
        self._is_over = Event()
        self._thread = Thread(target=self._run, name="sampler")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(LOOK_SECONDS):
            self._samples.append(self._look())

    def _look(self) -> Sample:
        twin, home = self._twin, self._twin.home
        by_name = {name: pid for pid, name in twin.processes().items() if name in WATCHED}
        seen = {name: look(pid) for name, pid in {TWIN: twin.pid, **by_name}.items()}
        return Sample(
            time.time(),
            {name: one for name, one in seen.items() if one},
            len(children(twin.pid)),
            _bytes(home.events, Path(f"{home.events}-wal")),
            _bytes(*home.path.rglob("*")),
        )


def _bytes(*paths: Path) -> int:
    total = 0
    for path in paths:
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:  # it went between the listing and the look
            continue
    return total
