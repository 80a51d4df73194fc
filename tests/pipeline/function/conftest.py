"""A pipeline of two steps, with a CSV that an event names."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.e2e.behaviour.ground import environment

ROOT = Path(__file__).parents[3]
SPEC = """\
format: 1
pipeline: flowers
model: flowers
steps:
  - step: ingest
    target: kind
  - step: validate
"""


class Place(NamedTuple):
    """Where the functions run: a folder with the spec, the store in it, and the variables that say so."""

    folder: Path
    variables: dict[str, str]

    def run(self, function: str, *arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        """Run a function's main.py as a command."""
        return subprocess.run(
            [sys.executable, str(ROOT / "functions" / function / "main.py"), *arguments],
            cwd=self.folder,
            env=self.variables | more,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def place(tmp_path) -> Place:
    """Write pipeline and data."""
    (tmp_path / "pipeline.yaml").write_text(SPEC)
    (tmp_path / "store" / "incoming").mkdir(parents=True)
    rows = "".join(f"{number},{number % 7},{number % 2}\n" for number in range(40))
    (tmp_path / "store" / "incoming" / "november.csv").write_text(f"length,width,kind\n{rows}")
    variables = environment(POORWILL_STORE="./store", POORWILL_PIPELINE=".", PYTHONPATH=str(ROOT / "functions"))
    return Place(tmp_path, variables | {"PATH": os.environ["PATH"]})
