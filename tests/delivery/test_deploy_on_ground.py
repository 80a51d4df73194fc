"""Versions come onto a real API, get ready or say why not, log, and are looked at."""

from hashlib import sha256
from uuid import uuid4

import onnx
import pytest
import yaml

from poorwill.delivery.cluster import Cluster
from poorwill.delivery.doctor import Level, examine, worst
from poorwill.delivery.kubeconfig import Source
from poorwill.delivery.logs import follow_logs, version_logs
from poorwill.delivery.manifests import starting_service, variables
from poorwill.delivery.traffic import all_to
from poorwill.errors import ConflictError, CorruptError, DeniedError, FailedError, NotFoundError, RefusedError
from poorwill.kinds.kind import CONFIG_MAP, NAMESPACE, POD, REVISION, ROUTE, SERVICE, SERVICE_ACCOUNT
from poorwill.registry import packing
from poorwill.registry.registry import Registry
from poorwill.store.opening import open_store
from tests import models
from tests.delivery.conftest import DIGITS

pytestmark = pytest.mark.e2e

KEYS = f"somebody=sha256:{sha256(b'what they show').hexdigest()}"


@pytest.fixture(scope="module")
def first(ground):
    """Deploy a model's first version and return what became of it, and what was told meanwhile."""
    told = []
    return ground.deploy("digits@1", told=told), told


def container(service):
    return service["spec"]["template"]["spec"]["containers"][0]


def test_a_first_version_gets_all_the_models_traffic_once_it_is_ready(ground, first):
    deployed, told = first

    assert (deployed.ready, deployed.changed, deployed.traffic) == (True, True, all_to(1))
    assert deployed.revision == "digits-v1-00001"
    assert deployed.url
    assert deployed.route_url
    assert told[-1] == "Route digits: ready"
    assert told.index("digits@1: created") < told.index("Service digits-v1: ready") < told.index("Route digits: ready")


def test_the_same_again_changes_nothing(ground, first):
    told = []

    again = ground.deploy("digits@1", told=told)

    assert again == first[0]._replace(changed=False)
    assert "digits@1: unchanged" in told


def test_a_second_version_leaves_the_traffic_alone(ground, first):
    assert ground.deploy("digits@2").traffic == all_to(1)
    assert ground.cluster.get(ROUTE, "digits")["metadata"]["generation"] == 1


def test_a_dry_run_writes_nothing(ground, first, start):
    start["spec"]["template"]["spec"]["containerConcurrency"] = 7
    before = ground.cluster.get(SERVICE, "digits-v1")["metadata"]["generation"]

    assert ground.deploy("digits@1", start=start, dry_run=True).changed
    assert ground.cluster.get(SERVICE, "digits-v1")["metadata"]["generation"] == before


def test_a_versions_start_packs_are_pinned_beside_its_digest(ground, tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "LEAST_GAIN_MS", float("-inf"))
    onnx.save(models.wide_model(), tmp_path / "wide.onnx")
    pushed = ground.registry.push(tmp_path / "wide.onnx", "wide", pack=True)

    assert ground.deploy("wide@1").ready

    values = variables(container(ground.cluster.get(SERVICE, "wide-v1")))
    assert values["POORWILL_PACK_DIGESTS"] == pushed.packed.pack.digest
    assert values["POORWILL_DIGEST"] == pushed.record.blob.digest


def test_a_version_that_the_registry_does_not_have_reaches_no_cluster(ground):
    with pytest.raises(NotFoundError, match="none of that number"):
        ground.deploy("digits@9")

    assert ground.cluster.get(SERVICE, "digits-v9") is None


def test_a_version_whose_bytes_are_damaged_reaches_no_cluster(ground, tmp_path):
    registry = Registry(open_store(str(tmp_path), create=True))
    registry.push(DIGITS / "digits.onnx", "digits")
    (blob,) = (path for path in (tmp_path / "blobs" / "sha256").iterdir())
    blob.chmod(0o600)
    blob.write_bytes(b"x" + blob.read_bytes()[1:])

    with pytest.raises(CorruptError, match="digits@1"):
        ground._replace(registry=registry).deploy("digits@1")


def test_what_the_pod_could_never_start_without_is_told_before_anything_is_written(ground, start):
    container(start)["envFrom"].append({"configMapRef": {"name": "not-there"}})
    container(start)["envFrom"].append({"secretRef": {"name": "neither"}})
    before = ground.cluster.list(SERVICE)

    with pytest.raises(NotFoundError) as caught:
        ground.deploy("digits@2", start=start)

    assert [fault.wanted for fault in caught.value.faults] == ["ConfigMap not-there", "Secret neither"]
    assert [found["metadata"]["name"] for found in ground.cluster.list(SERVICE)] == [
        found["metadata"]["name"] for found in before
    ]


def test_what_cannot_be_made_is_told_before_what_can_is_made(ground, start):
    container(start)["envFrom"].append({"secretRef": {"name": "neither"}})
    name = f"empty-{uuid4().hex[:8]}"
    ground.kubectl("create", "namespace", name)
    try:
        with at(ground, name) as cluster:
            with pytest.raises(NotFoundError, match="Secret neither"):
                ground._replace(cluster=cluster).deploy("digits@1", start=start, store=ground.store)
            made = [cluster.get(CONFIG_MAP, "poorwill-store"), cluster.get(SERVICE_ACCOUNT, "poorwill-predictor")]
    finally:
        ground.kubectl("delete", "namespace", name, "--wait=false")
    assert made == [None, None]


def test_the_clusters_words_are_told_by_field(ground, start):
    start["spec"]["template"]["spec"]["timeoutSeconds"] = 601

    with pytest.raises(RefusedError) as caught:
        ground.deploy("digits@1", start=start)

    assert any("timeoutSeconds" in fault.where for fault in caught.value.faults)


def test_a_field_that_somebody_else_manages_is_shown_and_not_taken(ground, first, start):
    theirs = ground.cluster.get(SERVICE, "digits-v1")["spec"]["template"]["spec"]["timeoutSeconds"]
    patch = {"spec": {"template": {"spec": {"timeoutSeconds": theirs}}}}
    other = {"apiVersion": SERVICE.api_version, "kind": "Service", "metadata": {"name": "digits-v1"}, **patch}
    ground.kubectl("apply", "--server-side", "--field-manager=jane", "-f", "-", stdin=other)
    start["spec"]["template"]["spec"]["timeoutSeconds"] = theirs - 1
    try:
        with pytest.raises(ConflictError, match="jane"):
            ground.deploy("digits@1", start=start)
        assert ground.cluster.get(SERVICE, "digits-v1")["spec"]["template"]["spec"]["timeoutSeconds"] == theirs
    finally:
        bare = {name: other[name] for name in ("apiVersion", "kind", "metadata")}
        ground.kubectl("apply", "--server-side", "--field-manager=jane", "-f", "-", stdin=bare)


def test_a_namespace_and_a_version_that_are_not_there_are_told(ground):
    with at(ground, "nobody-made-this") as cluster, pytest.raises(NotFoundError):
        ground._replace(cluster=cluster).deploy("digits@1")
    with pytest.raises(NotFoundError, match="digits-v7"):
        list(version_logs(ground.cluster, "digits", 7))


def test_a_version_that_cannot_find_its_bytes_fails_with_its_own_words(ground, start):
    container(start)["env"].append({"name": "POORWILL_STORE", "value": f"{ground.store}/empty"})
    told = []

    with pytest.raises(FailedError) as caught:
        ground.deploy("digits@2", start=start, told=told)

    assert "store: its process ended with exit code" in str(caught.value)
    assert any("exit code" in line for line in told)
    assert "poorwill: Not found" in str(caught.value), "its last words"
    ground.deploy("digits@2", start=starting_service())


def test_an_image_that_no_node_can_pull_fails(ground):
    with pytest.raises(FailedError, match="image: ") as caught:
        ground.deploy("digits@2", image="dev.local/nobody-has-this:v1", timeout_seconds=20)

    assert "--image" in caught.value.faults[0].next
    ground.deploy("digits@2", start=starting_service())


def test_the_log_lines_of_a_version_are_its_processes(ground, first):
    ground.kubectl("delete", "pod", "-l", "serving.knative.dev/service=digits-v1", "--ignore-not-found", "--wait=false")
    ground.deploy("digits@1")

    lines = follow_logs(ground.cluster, "digits", 2, tail_lines=50)
    line = next(line for line in lines if '"ready"' in line.text)
    lines.close()

    assert line.pod in {pod["metadata"]["name"] for pod in ground.cluster.list(POD)}


def test_the_doctor_finds_nothing_wrong_with_a_namespace_that_works(ground, first):
    rows = examine(ground.cluster, ground.store)

    assert [row for row in rows if row.level == Level.FAIL] == []
    assert {"reachable", "knative", "rights", "store", "ConfigMap poorwill-store"} <= {row.check for row in rows}


def test_the_doctor_tells_what_a_namespace_lacks(ground):
    with at(ground, "kube-public") as cluster:
        rows = examine(cluster)

    assert worst(rows) == Level.FAIL
    assert "ConfigMap poorwill-store" in {row.check for row in rows if row.level == Level.FAIL}


def test_an_object_is_followed_until_the_time_is_over(ground, first):
    seen = list(ground.cluster.follow(SERVICE, "digits-v1", timeout_seconds=0))

    assert [obj["metadata"]["name"] for obj in seen] == ["digits-v1"]
    assert list(ground.cluster.follow(SERVICE, "nobody", timeout_seconds=0)) == [None]


def test_objects_are_plain_and_lists_are_chosen_by_label(ground, first):
    assert ground.cluster.get(NAMESPACE, ground.cluster.namespace)["kind"] == "Namespace"
    (revision,) = ground.cluster.list(REVISION, {"serving.knative.dev/service": "digits-v1"})
    assert (type(revision), revision["kind"]) == (dict, "Revision")


def test_a_token_that_is_not_taken_is_denied(ground, tmp_path):
    config = yaml.safe_load(ground.kubeconfig.read_text())
    for user in config["users"]:
        user["user"] = {"token": "nobody"}
    (tmp_path / "k").write_text(yaml.safe_dump(config))

    with Cluster.connect(Source(tmp_path / "k")) as cluster, pytest.raises(DeniedError, match="log in"):
        cluster.list(SERVICE)


def at(ground, namespace):
    return Cluster.connect(Source(ground.kubeconfig, twin=ground.cluster.is_twin), namespace=namespace)
