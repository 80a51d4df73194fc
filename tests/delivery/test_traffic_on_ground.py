"""Traffic moves on a real API: over what was read and no other state, and back again."""

import json

import pytest

from poorwill.delivery.api_answer import OvertakenError
from poorwill.delivery.history import history_of
from poorwill.delivery.rollback import plan_rollback, rollback
from poorwill.delivery.split import Plan, carry_out, plan_split, split
from poorwill.delivery.status import State, status
from poorwill.errors import ConflictError, NotFoundError, NotReadyError, UsageError
from poorwill.kinds.kind import ROUTE
from tests.delivery.conftest import of, own_managers, traffic

pytestmark = pytest.mark.e2e


def test_a_split_reaches_the_routes_status_and_tags_each_version(cluster):
    done = split(cluster, "digits", of("v1=90 v2=10"))

    assert traffic(cluster) == {"v1": 90, "v2": 10}
    assert (str(done.before), str(done.after), done.changed) == ("v1=100", "v1=90 v2=10", True)
    assert sorted(done.urls) == ["v1", "v2"]
    assert all("digits" in url for url in done.urls.values())


def test_the_same_split_again_writes_nothing(cluster):
    before = cluster.get(ROUTE, "digits")["metadata"]["generation"]

    assert not split(cluster, "digits", of("v1=100")).changed
    assert cluster.get(ROUTE, "digits")["metadata"]["generation"] == before


def test_a_version_that_is_not_named_goes_to_0_and_keeps_its_tag(cluster):
    split(cluster, "digits", of("v1=50 v2=50"))
    split(cluster, "digits", of("v2=100"))

    assert traffic(cluster) == {"v1": 0, "v2": 100} or traffic(cluster) == {"v1": None, "v2": 100}


def test_rollbacks_walk_back_and_end(cluster):
    split(cluster, "digits", of("v1=90 v2=10"))
    split(cluster, "digits", of("v1=10 v2=90"))

    assert [str(rollback(cluster, "digits").after) for _ in range(2)] == ["v1=90 v2=10", "v1=100 v2=0"]
    with pytest.raises(NotFoundError, match="good split"):
        rollback(cluster, "digits")


def test_a_dry_run_of_a_rollback_changes_nothing(cluster):
    split(cluster, "digits", of("v2=100"))
    before = cluster.get(ROUTE, "digits")["metadata"]["generation"]

    assert str(rollback(cluster, "digits", dry_run=True).after) == "v1=100 v2=0"
    assert cluster.get(ROUTE, "digits")["metadata"]["generation"] == before


def test_a_change_by_somebody_else_between_read_and_write_is_not_lost(both, cluster):
    plan = plan_split(cluster, "digits", of("v1=80 v2=20"))
    split(cluster, "digits", of("v1=70 v2=30"))

    with pytest.raises(OvertakenError):
        carry_out(cluster, plan)

    assert traffic(cluster) == {"v1": 70, "v2": 30}


def test_a_rollback_that_was_shown_is_not_done_to_another_split(cluster):
    split(cluster, "digits", of("v1=50 v2=50"))
    plan = plan_rollback(cluster, "digits")
    split(cluster, "digits", of("v1=40 v2=60"))

    with pytest.raises(OvertakenError):
        carry_out(cluster, plan)


def test_a_status_that_moved_on_is_no_change_by_somebody_else(both, cluster):
    plan = plan_split(cluster, "digits", of("v1=80 v2=20"))
    # what a controller writes at any time
    status = {"status": {"annotations": {"seen": "yes"}}}
    both.kubectl("patch", "rt", "digits", "--subresource=status", "--type=merge", "-p", json.dumps(status))
    assert cluster.get(ROUTE, "digits")["metadata"]["resourceVersion"] != plan.route["metadata"]["resourceVersion"]

    assert carry_out(cluster, plan).changed
    assert traffic(cluster) == {"v1": 80, "v2": 20}


def test_a_route_that_was_deleted_meanwhile_does_not_come_again(both, cluster):
    plan = plan_split(cluster, "digits", of("v1=80 v2=20"))
    both.kubectl("delete", "rt", "digits")

    with pytest.raises(ConflictError):
        carry_out(cluster, plan)

    assert cluster.get(ROUTE, "digits") is None


def test_a_route_that_came_meanwhile_is_not_overwritten(both, cluster):
    both.kubectl("delete", "rt", "digits")
    plan = plan_split(cluster, "digits", of("v2=100"))
    split(cluster, "digits", of("v1=100"))

    with pytest.raises(OvertakenError, match="made meanwhile"):
        carry_out(cluster, plan)

    assert traffic(cluster) == {"v1": 100}
    assert own_managers(cluster) == {("poorwill", "Apply")}


def test_what_is_not_ready_is_waited_for_when_nothing_changes(both, cluster):
    both.kubectl("delete", "ksvc", "digits-v2")
    both.deploy("digits@2")
    split(cluster, "digits", of("v1=100 v2=0"))
    route = cluster.get(ROUTE, "digits")
    plan = Plan("digits", route, None, of("v1=100 v2=0"), (), history_of(route))
    both.kubectl("delete", "ksvc", "digits-v2")
    both.kubectl("wait", "--for=condition=Ready=False", "rt/digits")
    try:
        assert not plan.changes
        assert not carry_out(cluster, plan, dry_run=True).changed
        with pytest.raises(NotReadyError, match="Ready with the new split"):
            carry_out(cluster, plan, timeout_seconds=0)
    finally:
        both.deploy("digits@2")


@pytest.mark.parametrize("words", ["v9=100", "v1=100 v9=0"])
def test_a_version_that_is_not_deployed_is_refused(cluster, words):
    with pytest.raises(NotFoundError, match="v9"):
        split(cluster, "digits", of(words))


def test_the_status_tells_who_gets_what(cluster):
    split(cluster, "digits", of("v1=60 v2=40"))

    (model,) = status(cluster, "digits")

    assert model.ready
    assert {version.version: version.percent for version in model.versions} == {1: 60, 2: 40}
    assert all(version.digest.startswith("sha256:") for version in model.versions)
    assert {version.state for version in model.versions} <= {State.AWAKE, State.ASLEEP}
    with pytest.raises(NotFoundError):
        status(cluster, "nobody")


def test_a_name_that_no_model_has_reaches_no_cluster(cluster):
    for name in ("digits-v1", "Digits", ""):
        with pytest.raises(UsageError):
            split(cluster, name, of("v1=100"))
