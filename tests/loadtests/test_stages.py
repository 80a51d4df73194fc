"""Shapes are stages, one after the other, and stretch as a whole."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from loadtests.runs import RUNS
from loadtests.stages import Stage, users_at

ROOT = Path(__file__).parents[2]
STAGES = (Stage(0, 10, 4), Stage(10, 20, 8))


@pytest.mark.parametrize(("seconds", "users"), [(0, 4), (9.9, 4), (10, 8), (29.9, 8), (30, None)])
def test_each_stage_has_its_users_and_after_the_last_all_is_over(seconds, users):
    assert users_at(STAGES, seconds) == users


def test_stages_stretch_as_a_whole():
    assert [users_at(STAGES, seconds, 0.1) for seconds in (0.9, 1, 2.9, 3)] == [4, 8, 8, None]


def test_nobody_asks_before_the_first_stage():
    assert users_at((Stage(5, 5, 3),), 2) == 0


def test_the_shapes_of_the_repository_leave_no_gap_and_each_run_names_files_that_are_there():
    # in a process of its own: importing Locust patches the whole interpreter
    script = """
import json, sys
from importlib import import_module
from loadtests.shapes.staged import StagedShape
for name in sys.argv[1:]:
    import_module(f"loadtests.shapes.{name}")
print(json.dumps({kind.__name__: kind.stages for kind in StagedShape.__subclasses__()}))
"""
    names = sorted({run.shape for run in RUNS.values()})
    done = subprocess.run([sys.executable, "-c", script, *names], cwd=ROOT, capture_output=True, text=True, check=True)
    shapes = json.loads(done.stdout)

    assert set(shapes) == {"Day", "LongTail", "Replay", "Spike", "SplitChange", "Steady", "Step"}
    for name, stages in shapes.items():
        ends = [0, *(start + length for start, length, _ in stages)]
        assert [start for start, _, _ in stages] == ends[:-1], name
    assert all(Path(file).is_file() for run in RUNS.values() for file in run.files.split(","))
    assert shapes["Spike"][0][2] == 0, "a spike begins with nobody"
