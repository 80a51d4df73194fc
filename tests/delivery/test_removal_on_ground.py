"""What is removed on a real API is out of the traffic, and still what it was when that was decided."""

import pytest

from poorwill.delivery.api_answer import OvertakenError
from poorwill.delivery.manifests import model_route
from poorwill.delivery.removal import plan_model_removal, plan_version_removal, remove
from poorwill.delivery.split import split
from poorwill.delivery.traffic import all_to, traffic_of
from poorwill.errors import ConflictError
from poorwill.kinds.kind import SERVICE
from tests.delivery.conftest import of, traffic

pytestmark = pytest.mark.e2e


def test_a_version_with_traffic_is_not_removed(cluster):
    with pytest.raises(ConflictError, match="100 %"):
        plan_version_removal(cluster, "digits", 1)


def test_a_version_that_another_route_names_is_not_removed(both, cluster):
    other = model_route("other", cluster.namespace, traffic_of("digits", all_to(2)))
    both.kubectl("apply", "-f", "-", stdin=other)
    try:
        with pytest.raises(ConflictError, match="Route other"):
            plan_version_removal(cluster, "digits", 2)
        with pytest.raises(ConflictError, match="Route other"):
            plan_model_removal(cluster, "digits", with_traffic=True)
    finally:
        both.kubectl("delete", "rt", "other")


def test_a_version_at_0_leaves_the_route_first_and_comes_again(both, cluster):
    split(cluster, "digits", of("v1=100 v2=0"))
    plan = plan_version_removal(cluster, "digits", 2)

    remove(cluster, plan, dry_run=True)
    assert cluster.get(SERVICE, "digits-v2")
    remove(cluster, plan)

    assert traffic(cluster) == {"v1": 100}
    assert cluster.get(SERVICE, "digits-v2") is None
    both.deploy("digits@2")


@pytest.mark.parametrize("words", ["v1=50 v2=50", "v1=100 v2=0"])
def test_a_version_that_a_route_names_by_now_is_not_removed(cluster, words):
    plan = plan_version_removal(cluster, "digits", 2)
    assert plan.drained is None
    split(cluster, "digits", of(words))

    with pytest.raises(ConflictError, match="Route digits"):
        remove(cluster, plan)

    assert cluster.get(SERVICE, "digits-v2")


def test_a_version_that_was_made_again_meanwhile_is_not_removed(both, cluster):
    plan = plan_version_removal(cluster, "digits", 2)
    both.kubectl("delete", "ksvc", "digits-v2")
    both.deploy("digits@2")

    with pytest.raises(OvertakenError):
        remove(cluster, plan)

    assert cluster.get(SERVICE, "digits-v2")


def test_a_model_with_traffic_is_removed_only_when_that_is_said(cluster):
    with pytest.raises(ConflictError, match="--with-traffic"):
        plan_model_removal(cluster, "digits")

    assert remove(cluster, plan_model_removal(cluster, "digits", with_traffic=True), dry_run=True).route


def test_a_model_whose_traffic_moved_meanwhile_is_not_removed(cluster):
    plan = plan_model_removal(cluster, "digits", with_traffic=True)
    split(cluster, "digits", of("v1=50 v2=50"))

    with pytest.raises(OvertakenError):
        remove(cluster, plan)

    assert traffic(cluster) == {"v1": 50, "v2": 50}


def test_a_version_that_got_traffic_meanwhile_is_not_removed(cluster):
    split(cluster, "digits", of("v1=100 v2=0"))
    plan = plan_version_removal(cluster, "digits", 2)
    split(cluster, "digits", of("v1=50 v2=50"))

    with pytest.raises(OvertakenError):
        remove(cluster, plan)

    assert cluster.get(SERVICE, "digits-v2")
