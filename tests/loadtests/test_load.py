"""Load on a twin of its own: all kinds of requests are answered right, and wrong answers set the exit code."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import onnx
import pytest
from functions.examples.served import free_port, push, serve

from loadtests.digits import FILES, MODEL
from loadtests.run import asking, locust
from loadtests.runs import RUNS
from loadtests.twin import ROOT, LoadTwin
from poorwill.local.folder import TwinFolder
from tests.e2e.faults.twin import await_that, lives

pytestmark = pytest.mark.e2e
STRETCH = 0.05  # three seconds of a minute


@pytest.fixture
def other_model(tmp_path):
    model = onnx.load(FILES[0])
    weights = next(tensor for tensor in model.graph.initializer if list(tensor.dims) == [64, 32])
    tensor = onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(weights) * 0.9, weights.name)
    weights.CopyFrom(tensor)
    (tmp_path / "sample.json").write_bytes(Path(FILES[0]).with_name("sample.json").read_bytes())
    path = tmp_path / "digits.onnx"
    onnx.save(model, path)
    return path


def verdicts(output):
    # what depends on this machine's speed, percentiles and rates, is for `make load` to judge
    rows = (line.rpartition(" ") for line in output.splitlines())
    counted = re.compile(r"(.+: (?:errors|lost|wrong)) ")
    return {match[1]: verdict for row, _, verdict in rows if (match := counted.match(row))}


def test_all_kinds_of_requests_are_answered_right_by_a_twin_that_is_gone_afterwards(tmp_path, capfd):
    run, report = RUNS["steady"], tmp_path / "steady.html"
    kinds = ("infer JSON", "infer binary", "Python client", "event")
    with LoadTwin(tmp_path) as twin:
        twin.deployed.deploy_digits()
        twin.deployed.take_events()
        twin.deployed.await_sleep()
        locust(run, asking(twin, run) | {"--run-name": "steady", "--report": report, "--stretch": STRETCH})

    found = verdicts(capfd.readouterr().out)
    assert found == {f"{kind}: {measure}": "kept" for kind in kinds for measure in ("errors", "lost", "wrong")}
    page = report.read_text()
    assert "cold start</span>" in page, "the model slept when the first of them came"
    assert "digits@1</span>" in page
    assert "</svg>" in report.with_suffix(".svg").read_text()
    assert json.loads(report.with_suffix(".json").read_text())["found"].keys() == set(kinds)
    assert TwinFolder(tmp_path / ".poorwill").running() is None


def test_wrong_answers_break_their_limit_and_set_the_exit_code(tmp_path, capfd, other_model):
    store, run = tmp_path / "store", RUNS["step"]
    versions = push({MODEL: other_model}, store)
    with serve(f"digits@{versions['digits']}", store, free_port()) as url:
        code = locust(run, {"--host": url, "--run-name": "step", "--stretch": 0.02})

    assert code == 1
    found = verdicts(capfd.readouterr().out)
    assert [name for name, verdict in found.items() if verdict == "BROKEN"] == [
        "infer JSON: wrong",
        "infer binary: wrong",
    ]


def test_a_recorded_log_is_replayed_and_held_against_its_own_answers(tmp_path, capfd):
    store, run = tmp_path / "store", RUNS["replay"]
    versions = push({MODEL: FILES[0]}, store)
    with serve(f"digits@{versions['digits']}", store, free_port()) as url:
        locust(run, {"--host": url, "--run-name": "replay", "--stretch": 0.2})

    found = capfd.readouterr().out
    assert verdicts(found) == {f"replay: {measure}": "kept" for measure in ("errors", "lost", "wrong")}


def test_a_distributed_run_is_judged_by_what_its_workers_asked(tmp_path, capfd):
    store, run = tmp_path / "store", RUNS["step"]
    versions = push({MODEL: FILES[0]}, store)
    port = free_port()
    place = [f"--master-port={port}", "--master-host=127.0.0.1"]
    worker = [sys.executable, "-m", "locust", "-f", run.files, "--worker", "--loglevel=WARNING", *place]
    with serve(f"digits@{versions['digits']}", store, free_port()) as url:
        workers = [subprocess.Popen(worker, cwd=ROOT) for _ in range(2)]
        try:
            words = {"--host": url, "--run-name": "step", "--stretch": 0.03}
            locust(run, words | {"--master-bind-port": port, "--expect-workers": 2}, "--master")
            codes = [one.wait(30) for one in workers]
        finally:
            for one in workers:
                one.kill()

    found = verdicts(capfd.readouterr().out)
    kinds = ("infer JSON", "infer binary")
    assert found == {f"{kind}: {measure}": "kept" for kind in kinds for measure in ("errors", "lost", "wrong")}
    assert codes == [0, 0], "the workers end with the run"


def test_load_that_is_ended_ends_its_twin(tmp_path):
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "loadtests.run", "spike", "--reports", str(tmp_path / "reports")]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as load:
        assert load.stdout is not None
        while "spike" not in load.stdout.readline():
            pass
        (folder,) = tmp_path.glob("poorwill-load-*")
        running = TwinFolder(folder / ".poorwill").running()
        load.send_signal(signal.SIGTERM)
        load.stdout.read()
    assert load.returncode == 130
    assert running is not None
    await_that(lambda: not lives(running.pid))
    assert list(tmp_path.glob("poorwill-load-*")) == []
