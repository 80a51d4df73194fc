"""What is whose on a real API: Poorwill keeps all that it has, and takes nothing of others unasked."""

import pytest

from poorwill.delivery.history import ANNOTATION
from poorwill.delivery.manifests import model_route
from poorwill.delivery.owned import owned
from poorwill.delivery.removal import plan_version_removal, remove
from poorwill.delivery.rollback import rollback
from poorwill.delivery.split import await_route, carry_out, plan_split, silent, split
from poorwill.delivery.traffic import all_to, traffic_of
from poorwill.delivery.writing import write_over
from poorwill.errors import ConflictError
from poorwill.kinds.kind import ROUTE
from tests.delivery.conftest import of, own_managers, traffic

pytestmark = pytest.mark.e2e


def test_a_new_route_is_managed_by_poorwill_alone(cluster):
    assert own_managers(cluster) == {("poorwill", "Apply")}


def test_a_field_that_somebody_else_manages_is_shown_and_not_taken(both, cluster):
    theirs = model_route("digits", cluster.namespace, traffic_of("digits", all_to(2)))
    both.kubectl("apply", "--server-side", "--force-conflicts", "--field-manager=jane", "-f", "-", stdin=theirs)

    with pytest.raises(ConflictError, match="jane") as caught:
        split(cluster, "digits", of("v1=60 v2=40"))

    assert "spec.traffic" in caught.value.faults[0].where
    assert cluster.get(ROUTE, "digits")["spec"]["traffic"][0]["configurationName"] == "digits-v2"


def test_what_others_wrote_beside_is_kept(both, cluster):
    both.kubectl("label", "rt", "digits", "team=vision")
    both.kubectl("annotate", "rt", "digits", "example.com/note=hello")

    split(cluster, "digits", of("v1=50 v2=50"))

    metadata = cluster.get(ROUTE, "digits")["metadata"]
    assert metadata["labels"]["team"] == "vision"
    assert metadata["annotations"]["example.com/note"] == "hello"
    assert "v1=100" in metadata["annotations"][ANNOTATION]


PRIVATE = {"networking.knative.dev/visibility": "cluster-local"}


@pytest.fixture
def private(both, cluster):
    """Yield the cluster with a Route that Poorwill itself made private, and annotated."""
    read = cluster.get(ROUTE, "digits")
    mine = owned(read)
    mine["metadata"]["labels"] |= PRIVATE
    mine["metadata"]["annotations"] |= {"example.com/mine": "yes"}
    write_over(cluster, read, lambda _: mine, advice="")
    await_route(cluster, "digits", timeout_seconds=60, progress=silent)  # a split is good only where it was Ready
    return cluster


@pytest.mark.parametrize("move", ["split", "rollback", "removal"])
def test_a_private_model_stays_private_however_its_traffic_moves(both, private, move):
    split(private, "digits", of("v1=50 v2=50"))
    if move == "rollback":
        rollback(private, "digits")
    if move == "removal":
        split(private, "digits", of("v1=100"))
        remove(private, plan_version_removal(private, "digits", 2))
        both.deploy("digits@2")

    metadata = private.get(ROUTE, "digits")["metadata"]
    assert metadata["labels"].items() >= PRIVATE.items()
    assert metadata["annotations"]["example.com/mine"] == "yes"


@pytest.mark.parametrize("how", [["--server-side"], []], ids=["server-side", "client-side"])
def test_traffic_that_another_manager_has_is_taken_over_when_that_is_asked_for_and_nothing_else_is(both, cluster, how):
    both.kubectl("delete", "rt", "digits")
    theirs = model_route("digits", cluster.namespace, traffic_of("digits", all_to(1)))
    both.kubectl("apply", *how, "-f", "-", stdin=theirs)
    split_of_theirs = plan_split(cluster, "digits", of("v1=60 v2=40"))

    with pytest.raises(ConflictError, match="kubectl") as caught:
        carry_out(cluster, split_of_theirs)
    assert "--force-conflicts" in caught.value.faults[0].next
    carry_out(cluster, split_of_theirs._replace(takes_over=True))

    route = cluster.get(ROUTE, "digits")
    mine = owned(route)
    assert traffic(cluster) == {"v1": 60, "v2": 40}
    assert set(mine["metadata"]) == {"name", "namespace", "annotations"}
    assert set(mine["metadata"]["annotations"]) == {ANNOTATION}
    assert set(mine["spec"]) == {"traffic"}


def test_a_route_whose_maker_was_ended_between_its_two_writes_is_taken_over(both, cluster):
    both.kubectl("delete", "rt", "digits")
    made = model_route("digits", cluster.namespace, traffic_of("digits", all_to(1)))
    cluster.apply(made, manager="poorwill-0123456789ab")

    split(cluster, "digits", of("v1=60 v2=40"))

    assert traffic(cluster) == {"v1": 60, "v2": 40}
    assert own_managers(cluster) == {("poorwill", "Apply")}
