"""`poorwill ci` on a twin: what holds is left at 0 percent, what does not is taken back, all else stays as it was."""

import json
import shutil
import signal
import subprocess
import sys
from typing import Any
from uuid import uuid4

import pytest

from poorwill.registry.registry import Registry
from poorwill.store.opening import open_store
from tests.e2e.behaviour.ground import ROOT
from tests.e2e.faults.twin import Twin

LINEAR = ROOT / "tests/pipeline/linear.py"
SPEC = """\
format: 1
pipeline: {model}
model: {model}
steps:
  - step: ingest
    target: total
  - step: train
    parameters: {{off: {off}}}
  - step: evaluate
    limits: [{{metric: rmse, at_most: 2}}]
  - step: register
  - step: deploy
    percent: 20
"""
ROWS = "left,right,total\n" + "".join(f"{n % 101},{n * 7 % 97},{2 * (n % 101) - n * 7 % 97}\n" for n in range(300))
END_SECONDS = 120


class Project:
    """A user's repository with a pipeline that learns 2 left - right, and adds `off` to what it says."""

    def __init__(self, twin: Twin, model: str) -> None:
        self._twin, self.model, self._folder = twin, model, twin.folder / model
        (self._folder / "golden").mkdir(parents=True)
        shutil.copy(LINEAR, self._folder / "train.py")
        (self._folder / "sample.csv").write_text(ROWS)

    def write(self, *, off: float = 0.0, golden: float | None = None) -> None:
        """Write the spec, and what the golden request is to be answered."""
        (self._folder / "pipeline.yaml").write_text(SPEC.format(model=self.model, off=off))
        if golden is not None:
            request = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [10, 3]}]}
            content = {"request": request, "expected": {"total": [golden]}, "tolerance": 0.01}
            (self._folder / "golden" / "ten.json").write_text(json.dumps(content))

    @property
    def command(self) -> list[str]:
        """Return the words that a user types."""
        return ["ci", self.model, f"{self.model}/sample.csv", "--store", "./store", "--output", "json"]

    def ci(self, *more: str, code: int = 0) -> dict[str, Any]:
        """Run it, and return its report."""
        return json.loads(self._twin.poorwill(*self.command, *more, code=code).stdout)

    def found(self) -> tuple[Any, ...]:
        """Return the model's Route, its services and its versions as they are."""
        listed = json.loads(self._twin.kubectl("get", "rt,ksvc", "-o", "json").stdout)["items"]
        own = [item for item in listed if item["metadata"]["name"].startswith(self.model)]
        objects = [
            (item["kind"], item["metadata"]["name"], item["metadata"]["uid"], item["spec"], item["status"]["traffic"])
            for item in own
        ]
        registry = Registry(open_store(str(self._twin.folder / "store")))
        summary = next((each for each in registry.models() if each.model == self.model), None)
        return sorted(objects, key=str), [entry.version for entry in summary.versions] if summary else []


@pytest.fixture
def project(twin):
    """Return a project with a model of its own, one version of which serves."""
    found = Project(twin, f"line-{uuid4().hex[:8]}")
    found.write(golden=17)
    found.ci()
    return found


def states(report):
    return {stage["stage"]: stage["state"] for stage in report["stages"]}


def test_what_holds_is_deployed_at_0_percent_and_done_again_it_is_found_done(project):
    project.write(off=0.5, golden=17.5)

    first = project.ci()
    found = project.found()
    again = project.ci()

    assert (first["state"], first["version"], first["traffic"]) == ("passed", 2, {"v1": 100, "v2": 0})
    assert first["next"] == f"poorwill split {project.model} v1=80 v2=20"
    assert first["golden"] == [{"name": "golden/ten.json", "state": "passed", "said": ""}]
    assert (again["version"], again["digest"], project.found()) == (2, first["digest"], found)
    assert found[1] == [1, 2]
    assert again["stages"][1]["said"].endswith("4 steps, 4 of them reused")


def test_an_answer_that_is_not_the_golden_one_is_taken_back(project):
    before = project.found()
    project.write(off=0.5, golden=17)

    report = project.ci(code=65)

    assert states(report) == {"check": "passed", "run": "passed", "deploy": "passed", "ask": "failed"}
    assert report["golden"][0]["state"] == "failed"
    assert "off, by up to 0.5" in report["troubles"][0]["found"]
    assert report["traffic"] == {"v1": 100}
    assert len(report["rollback"]["done"]) == 3
    assert project.found() == before

    project.write(off=0.5, golden=17.5)
    assert project.ci()["version"] == 3  # a number is never given again


def test_a_version_that_does_not_get_ready_is_taken_back(project):
    before = project.found()
    project.write(off=0.5, golden=17.5)

    report = project.ci("--image", "example.com/not-there:1", code=78)

    assert states(report) == {"check": "passed", "run": "passed", "deploy": "failed", "ask": "waiting"}
    assert project.found() == before


def test_what_an_earlier_run_has_made_stays_though_it_fails_now(project):
    before = project.found()
    project.write(golden=16)

    report = project.ci(code=65)

    assert report["rollback"]["done"] == [f"{project.model}@1 stays in the registry: an earlier run registered it"]
    assert project.found() == before


@pytest.mark.parametrize(("flags", "versions"), [([], []), (["--keep"], [1])])
def test_a_first_version_that_fails_leaves_no_route_and_is_kept_where_that_is_asked_for(twin, flags, versions):
    project = Project(twin, f"line-first-{len(flags)}")
    project.write(golden=16)

    report = project.ci(*flags, code=65)

    assert report["rollback"]["done"][0] == f"Route {project.model} deleted: there was none before"
    assert project.found() == ([], versions)


def test_a_verdict_of_fail_deploys_nothing_and_registers_nothing(project):
    before = project.found()
    project.write(off=9, golden=26)

    report = project.ci(code=65)

    assert states(report) == {"check": "passed", "run": "failed", "deploy": "waiting", "ask": "waiting"}
    assert "rmse" in json.dumps(report["troubles"])
    assert project.found() == before


def test_without_golden_requests_the_sample_is_asked_through_an_ingress_if_need_be(twin):
    project = Project(twin, "line-sample")
    project.write()

    report = project.ci("--url", twin.gateway)

    assert report["golden"] == [{"name": "sample request", "state": "passed", "said": ""}]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_in_the_middle_it_takes_back_what_it_has_begun(twin, number):
    project = Project(twin, f"line-{number.name.lower()}")
    project.write(golden=17)
    project.ci()
    before = project.found()
    project.write(off=0.5, golden=17.5)

    command = [sys.executable, "-m", "poorwill", *project.command]
    process = subprocess.Popen(
        command, cwd=twin.folder, env=twin.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    for line in process.stderr:
        if line.startswith(f"{project.model}@2: created"):
            break
    process.send_signal(number)
    told, _ = process.communicate(timeout=END_SECONDS)

    assert process.returncode == 130
    report = json.loads(told)
    assert (report["state"], states(report)["deploy"]) == ("stopped", "stopped")
    assert project.found() == before
