"""Where a server of the comparison runs, and what its program is told by the environment."""

import os
from pathlib import Path
from typing import NamedTuple

from loadtests.bench.models import Sample

PROGRAMS = Path(__file__).parent / "programs"


class Place(NamedTuple):
    """Where a server runs.

    Attributes:
        bin: folder of its environment.
        store: that has our versions.
        sample: with the model's file and name.
        folder: of its own for this model.
        ports: that are free; it answers at the first.
        threads: that one run of the model may use.
    """

    bin: Path
    store: Path
    sample: Sample
    folder: Path
    ports: tuple[int, int, int]
    threads: int = 1

    @property
    def address(self) -> list[str]:
        """Return the options that most servers take."""
        return ["--host", "127.0.0.1", "--port", str(self.ports[0])]

    @property
    def variables(self) -> dict[str, str]:
        """Return what every program of programs/ is told."""
        return {
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(PROGRAMS),
            "BENCH_MODEL": str(self.sample.path),
            "BENCH_NAME": self.sample.name,
            "BENCH_FEATURES": ",".join(map(str, self.sample.array.shape[1:])),
            "BENCH_PORT": str(self.ports[0]),
            "BENCH_THREADS": str(self.threads),
            "DO_NOT_TRACK": "1",
            "TMPDIR": str(self.folder),
        }
