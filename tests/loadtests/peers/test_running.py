"""A visit: started, answered rightly, weighed, and gone afterwards, with all that it had started."""

import shutil
import sys
from pathlib import Path

import pytest
from functions.examples.served import push

from loadtests.bench import processes
from loadtests.bench.models import make_small
from loadtests.bench.running import Running
from loadtests.peers.models import SMALL
from loadtests.peers.rows import OURS, ROWS
from loadtests.peers.tour import Plan, Tour
from loadtests.wire import as_json

pytestmark = pytest.mark.e2e
# in the development environment, too, so that no other has to be made
BOTH = (OURS, "functions-framework")
ORPHAN = "import subprocess; subprocess.Popen(['sleep', '60'], start_new_session=True)"
WRAPPED = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {ORPHAN!r}])
subprocess.Popen(["sleep", "60"])
subprocess.run(sys.argv[1:])
"""


@pytest.fixture
def tour(tmp_path):
    sample = make_small(tmp_path)
    (tmp_path / "sample.json").write_bytes(as_json("input", sample.array).body)
    push({SMALL: sample.path}, tmp_path / "store")
    bins = dict.fromkeys(BOTH, Path(sys.executable).parent)
    return Tour(bins, tmp_path / "store", {SMALL: sample}, tmp_path / "served")


@pytest.mark.parametrize("row", BOTH)
def test_a_server_answers_rightly_and_its_processes_end_with_the_visit(row, tour):
    with tour.started(row, SMALL) as running:
        running.check()

        assert running.cold_ms > 0
        assert running.pss_mb() > 1
    assert processes.members(running.process.pid, running.mark) == []


def test_an_answer_that_is_not_the_models_ends_the_visit_and_its_processes(tour, monkeypatch):
    started = []
    monkeypatch.setattr(Running, "stop", lambda one, stop=Running.stop: (started.append(one), stop(one)))
    tour.samples[SMALL] = tour.samples[SMALL]._replace(expected=tour.samples[SMALL].expected + 1)

    with pytest.raises(ValueError, match="the answer isn't the model's"):
        tour.started(OURS, SMALL)

    assert [processes.members(one.process.pid, one.mark) for one in started] == [[]]


def test_what_a_server_started_in_a_session_of_its_own_ends_with_it(tour, monkeypatch):
    own = ROWS[OURS].command
    command = lambda place: [sys.executable, "-c", WRAPPED, *own(place)]  # noqa: E731
    monkeypatch.setitem(ROWS, OURS, ROWS[OURS]._replace(command=command))

    with tour.started(OURS, SMALL) as running:
        assert len(processes.members(running.process.pid, running.mark)) == 4
        assert len(processes.members(running.process.pid)) == 3
    assert processes.members(running.process.pid, running.mark) == []


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_both_are_visited_with_load_that_is_counted(tour):
    found = list(tour.visits(Plan(rounds=1, cold=1, seconds=1)))

    assert [visit.row for visit in found] == [*BOTH, *BOTH[::-1]]
    assert [(visit.many.errors, visit.many.requests_per_second > 0) for visit in found[:2]] == [(0, True)] * 2
    assert [visit.many for visit in found[2:]] == [None, None]
