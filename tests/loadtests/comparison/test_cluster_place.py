"""A cluster as a side's ground: all of it in a namespace that goes with it. Here a twin's API is the cluster's."""

import sys
from pathlib import Path

import pytest

from loadtests import tail_model
from loadtests.comparison.asking import Asking
from loadtests.comparison.cluster_place import ClusterPlace, Where
from loadtests.comparison.ground import CommandError, Weight
from loadtests.comparison.image_build import ImageBuild
from loadtests.comparison.sides import CHANGED, NEW, OLD, Functions
from loadtests.comparison.visit import questions_of
from loadtests.twin import LoadTwin

pytestmark = pytest.mark.e2e
BIN = Path(sys.executable).parent
IMAGE = "ghcr.io/poorwill/serve:0.1.0"


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    with LoadTwin(folder) as twin:
        gateway = twin.url.removeprefix("http://")
        yield Where(twin.kubeconfig, gateway, str(folder / "versions"), IMAGE, "127.0.0.1:1/comparison")


@pytest.fixture
def place(where, tmp_path):
    with ClusterPlace(where, "functions", BIN, tmp_path / "functions", ImageBuild("docker", IMAGE)) as found:
        yield found


def test_functions_of_a_namespace_are_changed_killed_and_taken_back_under_callers(place, tmp_path):
    side, changed = Functions(place), tail_model.name(1)
    side.begin(2)
    with Asking(questions_of(side, 2, 1), lambda _: 0.05) as asking:
        for number in (1, 2):
            asking.await_answer(tail_model.name(number), OLD, 0)
        assert place.weigh() == Weight(2, None)

        side.bring(1, tail_model.write(tmp_path, 1 + CHANGED))
        brought_at = asking.await_answer(changed, NEW, 0)
        side.rest(1)
        side.kill(1)
        side.take_back(1)
        asking.await_answer(changed, OLD, brought_at)


def test_a_version_whose_bit_flipped_in_the_store_is_refused(place, tmp_path):
    side = Functions(place)
    side.begin(1)

    with pytest.raises(CommandError):
        side.damage(1, tail_model.write(tmp_path, 1 + CHANGED))


def test_a_namespace_goes_with_its_place_and_the_kubeconfig_that_was_named_stays_as_it_was(where, tmp_path):
    before = where.kubeconfig.read_bytes()
    with ClusterPlace(where, "monolith", BIN, tmp_path / "one", ImageBuild("docker", IMAGE)) as one:
        assert one.kubectl("get", "namespace", "-o", "name").count("comparison-monolith-") == 1

    with ClusterPlace(where, "functions", BIN, tmp_path / "other", ImageBuild("docker", IMAGE)) as other:
        assert "comparison-monolith-" not in other.kubectl("get", "namespace", "-o", "name")
    assert where.kubeconfig.read_bytes() == before
