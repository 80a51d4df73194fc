"""The comparison itself, short: both sides deploy a changed model and take it back, and nothing is left running."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from loadtests.comparison.blast import CRASH
from loadtests.comparison.sides import MONOLITH, POORWILL
from loadtests.twin import ROOT
from tests.e2e.faults.twin import await_that

pytestmark = pytest.mark.e2e


def test_both_sides_deploy_a_changed_model_and_take_it_back_and_are_gone_afterwards(tmp_path):
    command = [
        sys.executable,
        "-m",
        "loadtests.comparison",
        "--models",
        "2",
        "--rounds",
        "1",
        "--faults",
        CRASH,
        "--watch",
        "2",
    ]
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
    failed = {blast["side"]: blast["others"]["failed"] for blast in found["blasts"]}
    assert failed[POORWILL] == 0, "a function that is killed is nobody else's affair"
    assert list(tmp_path.glob("poorwill-comparison-*")) == []
    await_that(lambda: _processes_in(tmp_path) == [])


@pytest.mark.parametrize("word", ["no image is built", "models are there"])
def test_a_comparison_that_is_ended_leaves_nothing_behind(word, tmp_path):
    command = [sys.executable, "-m", "loadtests.comparison", "--models", "2"]
    options = ["--base", "localhost/not-here:1", "--bin", str(Path(sys.executable).parent), "--out", str(tmp_path)]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [*command, *options], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    ) as comparison:
        while word not in comparison.stderr.readline():
            pass
        comparison.send_signal(signal.SIGTERM)
        comparison.stderr.read()

    assert comparison.returncode == 130
    assert list(tmp_path.glob("poorwill-comparison-*")) == []
    await_that(lambda: _processes_in(tmp_path) == [])


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
