"""A model's file becomes a version with traffic by one command, and by the same command again nothing more."""

import json
import re

import pytest

from poorwill.cli.main import run
from tests import models
from tests.delivery.conftest import KUBECONFIG

pytestmark = pytest.mark.e2e


@pytest.fixture
def deploy(ground, tmp_path, monkeypatch, capsys):
    """Deploy a file in one step and return what was answered and told."""
    monkeypatch.chdir(tmp_path)

    def call(kind, *more, code=0, output="json"):
        image = ["--image", ground.image] if KUBECONFIG else []
        where = ["--kubeconfig", str(ground.kubeconfig), "--namespace", ground.cluster.namespace]
        command = ["deploy", str(models.write(kind, tmp_path)), "--name", "steps", "--store", ground.store]
        assert run([*command, *where, *image, *more, "--output", output], {}) == code
        said = capsys.readouterr()
        return (json.loads(said.out) if said.out and output == "json" else said.out), said.err

    return call


@pytest.fixture(scope="module")
def seen():
    """Answers of the tests before, in their order."""
    return {}


def test_a_first_file_is_pushed_and_gets_all_traffic(deploy, seen):
    seen["first"], told = deploy("sum")

    assert (seen["first"]["name"], seen["first"]["traffic"], seen["first"]["ready"]) == ("steps@1", {"v1": 100}, True)
    assert seen["first"]["pushed"]["blob"]["digest"] == seen["first"]["digest"]
    assert told.index("steps@1: pushed") < told.index("steps@1: created") < told.index("Route steps: ready")


def test_the_same_file_again_changes_nothing(deploy, seen):
    again, told = deploy("sum", "--percent", "100")

    assert "steps@1: is of that file already" in told
    assert "pushed" not in again
    assert (again["name"], again["changed"], again["split"]["changed"]) == ("steps@1", False, False)


def test_another_file_is_the_next_version_and_gets_the_percent_that_is_named(deploy, seen):
    done, _ = deploy("pair", "--percent", "10")

    assert (done["name"], done["traffic"]) == ("steps@2", {"v1": 90, "v2": 10})
    assert (done["split"]["from"], done["split"]["changed"]) == ({"v1": 100}, True)


def test_the_percent_can_be_raised_by_the_same_command_and_each_step_is_told(deploy, seen):
    page, told = deploy("pair", "--percent", "100", output="text")

    assert "steps@2: is of that file already" in told
    assert re.search(r"traffic +v1=0 v2=100", page)
    assert "v1=90 v2=10 → v1=0 v2=100" in page
    assert "traffic stays as it is" not in page


@pytest.mark.parametrize("more", [["--dry-run"], ["--percent", "10", "--no-wait"]], ids=" ".join)
def test_what_can_not_be_meant_together_is_refused_before_anything_is_pushed(deploy, ground, more):
    _, told = deploy("dynamic", *more, code=2)

    assert more[-1] in told
    assert [entry.version for entry in ground.registry.versions("steps").versions] == [1, 2]


def test_a_file_that_is_not_there_is_refused_and_leaves_nothing(ground, tmp_path, capsys):
    where = ["--kubeconfig", str(ground.kubeconfig), "--namespace", ground.cluster.namespace]

    assert run(["deploy", str(tmp_path / "none.onnx"), "--name", "none", "--store", ground.store, *where], {}) == 66
    assert "check the path" in capsys.readouterr().err
