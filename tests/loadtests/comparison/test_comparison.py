"""The comparison itself, short: both sides deploy a changed model and take it back, and nothing is left running."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from loadtests.comparison.sides import MONOLITH, POORWILL
from loadtests.twin import ROOT

pytestmark = pytest.mark.e2e


def test_both_sides_deploy_a_changed_model_and_take_it_back_and_are_gone_afterwards(tmp_path):
    command = [sys.executable, "-m", "loadtests.comparison", "--models", "2", "--rounds", "1"]
    options = ["--base", "localhost/not-here:1", "--bin", str(Path(sys.executable).parent), "--out", str(tmp_path)]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    done = subprocess.run([*command, *options], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "comparison.json").read_text())
    assert found["engine"] == ""
    assert {visit["side"] for visit in found["visits"]} == {MONOLITH, POORWILL}
    for visit in found["visits"]:
        spans = [visit["quiet"], visit["deploying"], visit["rolling_back"]]
        assert [(span["lost"], span["wrong"]) for span in spans] == [(0, 0)] * 3
    assert list(tmp_path.glob("poorwill-comparison-*")) == []
    assert _processes_in(tmp_path) == []


def _processes_in(folder):
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            place = (entry / "cwd").readlink()
        except OSError:  # ended meanwhile, or somebody else's
            continue
        if place.is_relative_to(folder):
            found.append(entry.name)
    return found
