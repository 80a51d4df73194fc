"""The sample pipelines: from a CSV to a version, the same one in two environments that share nothing but packages."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from poorwill.registry.records import VersionName, VersionRecord
from poorwill.registry.registry import Registry
from poorwill.store.opening import open_store

EXAMPLES = Path(__file__).parents[2] / "functions" / "examples"
PIPELINES = {"digits": "digits", "breast_cancer": "breast-cancer"}


def python_of_its_own(folder: Path) -> Path:
    """Make a virtual environment that is empty but for the packages of this one; return its interpreter."""
    venv.create(folder, symlinks=True)
    paths = sysconfig.get_paths(vars={"base": str(folder), "platbase": str(folder)})
    packages = sysconfig.get_paths()["purelib"]
    Path(paths["purelib"], "packages.pth").write_text(f"import site; site.addsitedir({packages!r})\n")
    return folder / "bin" / "python"


def ran(python: Path, folder: Path, name: str, **environment: str) -> dict[str, bool]:
    """Run a pipeline in a folder and an environment of its own; return which of its steps were done before."""
    data = folder / "rows.csv"
    if not data.exists():
        folder.mkdir()
        subprocess.run([python, EXAMPLES / name / "train.py", data], check=True, cwd=folder, env=environment)
    command = [python, "-m", "poorwill", "pipeline", "run", EXAMPLES / name, data, "--output", "json"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {step["step"]: step["reused"] for step in json.loads(done.stdout)["steps"] if step["state"] == "completed"}


def versions(folder: Path, model: str) -> list[VersionRecord]:
    """Return all versions of a model in the store of a folder."""
    registry = Registry(open_store(str(folder / "store")))
    entries = registry.versions(model).versions
    return [registry.resolve(VersionName(model, entry.version, None)) for entry in entries]


@pytest.mark.parametrize(("name", "model"), PIPELINES.items())
def test_two_environments_make_the_same_version_of_the_same_data(name, model, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    odd = {"PYTHONHASHSEED": "2", "HOME": "/", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu", "OMP_NUM_THREADS": "3"}

    ran(Path(sys.executable), here, name, PATH=os.environ["PATH"], PYTHONHASHSEED="1")
    ran(python_of_its_own(tmp_path / "venv"), there, name, **odd)

    ((mine,), (other,)) = versions(here, model), versions(there, model)
    assert mine.blob.digest == other.blob.digest
    assert mine.provenance.key == other.provenance.key


@pytest.mark.parametrize(("name", "model"), PIPELINES.items())
def test_the_same_data_again_is_the_version_that_is_there(name, model, tmp_path):
    environment = {"PATH": os.environ["PATH"]}

    first, again = (ran(Path(sys.executable), tmp_path / "here", name, **environment) for _ in range(2))

    assert set(first.values()) == {False}
    assert [step for step, reused in again.items() if not reused] == ["evaluate"]  # now beside the one that it made
    assert len(versions(tmp_path / "here", model)) == 1
