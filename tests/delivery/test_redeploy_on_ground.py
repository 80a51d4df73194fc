"""A version that is on a real API keeps what it was made with, whoever deploys it again and whenever."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest

from poorwill.delivery.api_answer import OvertakenError
from poorwill.delivery.cluster import Cluster
from poorwill.delivery.deploy import DeployOptions, await_version
from poorwill.delivery.kubeconfig import Source
from poorwill.delivery.manifests import starting_service, version_service
from poorwill.delivery.traffic import all_to
from poorwill.errors import ConflictError
from poorwill.kinds.kind import ROUTE, SERVICE
from poorwill.registry.names import parse_version_name
from poorwill.registry.registry import Registry
from poorwill.store.opening import open_store
from tests.delivery.conftest import DIGITS, give_keys

pytestmark = pytest.mark.e2e

KEYS = f"somebody=sha256:{sha256(b'what they show').hexdigest()}"


@pytest.fixture(scope="module")
def first(ground):
    """Deploy a model's first version."""
    return ground.deploy("digits@1")


def container(service):
    return service["spec"]["template"]["spec"]["containers"][0]


def test_a_version_that_shows_no_key_any_more_is_refused_and_stays_as_it_was_made_otherwise(ground, start):
    container(start)["env"].append({"name": "POORWILL_AUTHENTICATION", "value": "api-keys"})
    container(start)["env"].append({"name": "POORWILL_API_KEYS", "value": KEYS})
    ground.deploy("digits@2", start=start, timeout_seconds=60)
    made = ground.cluster.get(SERVICE, "digits-v2")["spec"]

    again = ground.deploy("digits@2")

    assert not again.changed
    assert ground.cluster.get(SERVICE, "digits-v2")["spec"] == made
    for way in ({"start": starting_service()}, {"components": ("sleeps-soon",)}):
        with pytest.raises(ConflictError, match="name the component again"):
            ground.deploy("digits@2", **way)
    assert ground.cluster.get(SERVICE, "digits-v2")["spec"] == made
    gone(ground, SERVICE, "digits-v2")


def test_a_version_that_is_new_is_made_with_the_usual_components_and_one_that_is_there_is_not(ground, first):
    ground.deploy("digits@1", usual_components=("kept-awake",))
    ground.deploy("digits@2", usual_components=("sleeps-soon",))

    def window(name):
        template = ground.cluster.get(SERVICE, name)["spec"]["template"]
        return template["metadata"]["annotations"].get("autoscaling.knative.dev/window")

    assert (window("digits-v1"), window("digits-v2")) == (None, "6s")
    gone(ground, SERVICE, "digits-v2")
    ground.deploy("digits@2")


def test_a_version_keeps_its_bytes_whatever_another_store_has_under_its_number(ground, first, tmp_path):
    other = Registry(open_store(str(tmp_path), create=True))
    other.push(DIGITS / "digits_wide.onnx", "digits")
    before = ground.cluster.get(SERVICE, "digits-v1")["metadata"]["generation"]

    with pytest.raises(ConflictError, match="digest"):
        ground._replace(registry=other).deploy("digits@1")
    with pytest.raises(ConflictError, match="digest"):
        await_version(ground.cluster, other, parse_version_name("digits@1"), DeployOptions(), print)

    assert ground.cluster.get(SERVICE, "digits-v1")["metadata"]["generation"] == before


class Overtaken:
    """A cluster on which somebody does something right before the first write of a kind."""

    def __init__(self, cluster, kind, act):
        self.cluster, self.kind, self.acts = cluster, kind, [act]

    def __getattr__(self, name):
        return getattr(self.cluster, name)

    def apply(self, obj, **options):
        if obj["kind"] == self.kind.kind and self.acts:
            self.acts.pop()()
        return self.cluster.apply(obj, **options)


def test_a_version_that_somebody_changed_between_read_and_write_is_not_overwritten(ground, first, start):
    start["spec"]["template"]["spec"]["timeoutSeconds"] = 200
    overtaken = Overtaken(ground.cluster, SERVICE, lambda: ground.deploy("digits@1", start=start))

    with pytest.raises(OvertakenError):
        ground._replace(cluster=overtaken).deploy("digits@1", start=starting_service())

    assert ground.cluster.get(SERVICE, "digits-v1")["spec"]["template"]["spec"]["timeoutSeconds"] == 200
    ground.deploy("digits@1", start=starting_service())


def test_a_version_that_somebody_made_between_read_and_write_is_not_overwritten(ground, first, start):
    gone(ground, SERVICE, "digits-v2")
    start["spec"]["template"]["spec"]["timeoutSeconds"] = 200
    overtaken = Overtaken(ground.cluster, SERVICE, lambda: ground.deploy("digits@2", start=start))

    with pytest.raises(OvertakenError, match="made meanwhile"):
        ground._replace(cluster=overtaken).deploy("digits@2")

    assert ground.cluster.get(SERVICE, "digits-v2")["spec"]["template"]["spec"]["timeoutSeconds"] == 200
    ground.deploy("digits@2", start=starting_service())


def test_a_route_that_another_first_version_got_meanwhile_is_gone_on_with(ground, first):
    gone(ground, ROUTE, "digits")
    overtaken = Overtaken(ground.cluster, ROUTE, lambda: ground.deploy("digits@2"))

    deployed = ground._replace(cluster=overtaken).deploy("digits@1")

    assert (deployed.ready, deployed.traffic) == (True, all_to(2))
    gone(ground, ROUTE, "digits")
    assert ground.deploy("digits@1").traffic == all_to(1)


def test_a_version_whose_deployment_was_ended_between_its_two_writes_is_taken_over(ground, first):
    gone(ground, SERVICE, "digits-v2")
    record = ground.registry.resolve(parse_version_name("digits@2"))
    made = version_service(starting_service(), record, ground.cluster.namespace)
    ground.cluster.apply(made, manager="poorwill-0123456789ab")

    ground.deploy("digits@2", image="ghcr.io/poorwill/serve:other", wait=False)

    service = ground.cluster.get(SERVICE, "digits-v2")
    managers = {entry["manager"] for entry in service["metadata"]["managedFields"] if entry["operation"] == "Apply"}
    assert managers == {"poorwill"}
    assert container(service)["image"] == "ghcr.io/poorwill/serve:other"
    ground.deploy("digits@2", start=starting_service())


def test_two_first_versions_at_once_are_both_deployed_and_one_of_them_has_the_traffic(ground):
    namespace = f"{ground.cluster.namespace}-race"
    with at(ground, namespace) as cluster:
        own = ground._replace(cluster=cluster)
        ground.kubectl("create", "namespace", namespace)
        give_keys(ground, namespace)
        try:
            options = {"store": ground.store, "timeout_seconds": 120}
            with ThreadPoolExecutor(2) as pool:
                first, second = pool.map(lambda name: own.deploy(name, **options), ["digits@1", "digits@2"])
        finally:
            ground.kubectl("delete", "namespace", namespace, "--wait=false")

    assert first.traffic == second.traffic
    assert first.traffic in {all_to(1), all_to(2)}


def gone(ground, kind, name):
    """Delete an object and wait until it is gone."""
    ground.kubectl("delete", f"{kind.plural}.{kind.group}", name, "--ignore-not-found")
    for obj in ground.cluster.follow(kind, name, timeout_seconds=60):
        if obj is None:
            return


def at(ground, namespace):
    return Cluster.connect(Source(ground.kubeconfig, twin=ground.cluster.is_twin), namespace=namespace)
