"""The examples for CI systems are run as they stand: a job's commands, in a repository as they describe it."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import metadata
from pathlib import Path

import pytest
import yaml

from poorwill.local.folder import TwinFolder

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "functions" / "examples" / "ci"
COMMAND_SECONDS = 120
SPEC = """\
format: 1
pipeline: lines
model: line
steps: [{step: ingest, target: total}, {step: train}, {step: register}, {step: deploy}]
"""
GOLDEN = """\
{"request": {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [10, 3]}]},
 "expected": {"total": [17]}, "tolerance": 0.01}
"""


def github(document):
    (job,) = document["jobs"].values()
    return [step["run"] for step in job["steps"] if "run" in step], "summary.md"


def gitlab(document):
    (job,) = document.values()
    (report,) = job["artifacts"]["paths"]
    return [*job["script"], *job["after_script"]], report


@pytest.fixture
def repository(tmp_path) -> Iterator[Path]:
    """Return a repository with a pipeline; what was left running in it is ended."""
    (tmp_path / "golden").mkdir()
    (tmp_path / "pipeline.yaml").write_text(SPEC)
    (tmp_path / "golden" / "ten.json").write_text(GOLDEN)
    shutil.copy(ROOT / "tests/pipeline/linear.py", tmp_path / "train.py")
    rows = "".join(f"{n % 101},{n * 7 % 97},{2 * (n % 101) - n * 7 % 97}\n" for n in range(100))
    (tmp_path / "sample.csv").write_text("left,right,total\n" + rows)
    yield tmp_path
    subprocess.run([sys.executable, "-m", "poorwill", "down"], cwd=tmp_path, check=True, timeout=COMMAND_SECONDS)


def run(command, folder):
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    done = subprocess.run(
        ["bash", "-e", "-c", command.replace("up --detach", "up --detach --port 0")],
        cwd=folder,
        env={name: value for name, value in environment.items() if name != "KUBECONFIG"},
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


@pytest.mark.e2e
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux binds the twin's processes to it")
@pytest.mark.parametrize(("name", "read"), [("github-actions", github), ("gitlab-ci", gitlab)])
def test_the_commands_of_an_example_take_a_commit_through(repository, name, read):
    commands, report = read(yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text()))
    install, *rest = commands

    extras = re.search(r"poorwill\[(.*?)\]", install)[1].split(",")
    assert shlex.split(install)[:2] == ["pip", "install"]
    assert set(extras) <= set(metadata("poorwill").get_all("Provides-Extra"))
    for command in rest:
        run(command, repository)

    assert "line@1: passed" in (repository / report).read_text()
    assert TwinFolder(repository / ".poorwill").running() is None
