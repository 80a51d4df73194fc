"""Which version serves now, as a pipeline asks a real API before it judges another one."""

import re

import pytest

from poorwill.delivery.split import split
from poorwill.kinds.kind import ROUTE
from poorwill.pipeline.serving_now import serving_now
from poorwill.settings import read
from tests.delivery.conftest import of

pytestmark = pytest.mark.e2e


def serving(ground, **environment):
    """Return the name of what serves, and how that is known."""
    place = {"KUBECONFIG": str(ground.kubeconfig), "POORWILL_NAMESPACE": ground.cluster.namespace}
    now = serving_now(ground.registry, "digits", read(place | environment))
    return now.record.name, now.known_by


def test_what_the_route_sends_most_to_serves(cluster, both):
    split(cluster, "digits", of("v1=70 v2=30"))

    assert serving(both) == ("digits@1", "the Route digits, which sends it 70 %")


def test_without_a_route_the_newest_version_serves_and_it_is_told_why(cluster, both):
    cluster.delete(ROUTE, "digits")

    expected = "the newest version: no Route digits sends to a version, and there is no alias champion"
    assert serving(both) == ("digits@2", expected)


def test_a_cluster_that_does_not_answer_is_told_and_the_champion_serves(both, tmp_path):
    file = tmp_path / "kubeconfig"
    file.write_text(re.sub(r"127.0.0.1:\d+", "127.0.0.1:1", both.kubeconfig.read_text()))
    both.registry.alias("digits", "champion", 1)

    name, known_by = serving(both, KUBECONFIG=str(file))

    assert name == "digits@1"
    assert known_by.startswith("the alias champion: the cluster did not tell (")
