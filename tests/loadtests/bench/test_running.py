"""A visit of the benchmark: started, answered rightly, weighed, and gone afterwards."""

import shutil
import sys
from pathlib import Path

import pytest
from functions.examples.served import free_port, push

from loadtests.bench import processes
from loadtests.bench.contenders import INFER, Place, functions_framework, ours
from loadtests.bench.image import measure
from loadtests.bench.models import make_image, make_small
from loadtests.bench.running import Running
from loadtests.wire import as_json

pytestmark = pytest.mark.e2e


@pytest.fixture
def place(tmp_path):
    for sample in (make_small(tmp_path), make_image(tmp_path)):
        (tmp_path / "sample.json").write_bytes(as_json("input", sample.array).body)
        push({sample.name: sample.path}, tmp_path / "store")
    return Place(Path(sys.executable).parent, tmp_path / "store", free_port(), free_port())


@pytest.mark.parametrize(("command", "path"), [(ours, INFER), (functions_framework, "/")])
def test_a_contender_answers_rightly_and_its_processes_end_with_the_visit(command, path, place, tmp_path):
    with Running(command(place), make_small(tmp_path), place, path=path, folder=tmp_path) as running:
        session = running.process.pid
        running.check()

        assert running.cold_ms > 0
        assert processes.pss_mb(session) > 1
    assert processes.members(session) == []


def test_an_answer_that_is_not_the_models_ends_the_visit_and_its_processes(place, tmp_path, monkeypatch):
    sample = make_small(tmp_path)
    started = []
    monkeypatch.setattr(
        Running, "stop", lambda running, stop=Running.stop: (started.append(running.process.pid), stop(running))
    )

    with pytest.raises(ValueError, match="the answer isn't the model's"):
        Running(ours(place), sample._replace(expected=sample.expected + 1), place, path=INFER, folder=tmp_path)

    assert [processes.members(pid) for pid in started] == [[]]


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_load_is_counted(place, tmp_path):
    with Running(ours(place), make_small(tmp_path), place, path=INFER, folder=tmp_path) as running:
        seen = running.load(4, 1)

    assert (seen.errors, seen.requests_per_second > 0, seen.p99_ms >= seen.p50_ms) == (0, True, True)


def test_the_image_is_answered_the_same_in_both_forms(place, tmp_path):
    image = make_image(tmp_path)
    command = ours(place, image.name)

    with Running(command, image, place, path="/v2/models/image/infer", folder=tmp_path) as running:
        times = measure(running.port, image, turns=2)

    assert times.binary_bytes < times.json_bytes
