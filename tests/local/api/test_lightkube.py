"""lightkube works on the twin, unmodified."""

import lightkube
import pytest
from lightkube.core.exceptions import ApiError
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap, Namespace, Pod
from lightkube.types import CascadeType, PatchType

from tests.local.api.objects import config_map, pod, running

Service = create_namespaced_resource("serving.knative.dev", "v1", "Service", "services")


@pytest.fixture
def client(twin):
    config = lightkube.KubeConfig.from_file(twin.kubeconfig)
    opened = lightkube.Client(config=config, field_manager="poorwill")
    yield opened
    opened.close()


def service(image="ghcr.io/poorwill/serve:0.1.0"):
    spec = {"template": {"spec": {"containers": [{"image": image}]}}}
    return Service(metadata={"name": "digits-v3", "namespace": "default"}, spec=spec)


def colours(**data):
    return ConfigMap(metadata=ObjectMeta(name="colours", namespace="default"), data=data)


def test_it_creates_gets_lists_replaces_and_deletes(client):
    made = client.create(colours(wall="white"))
    assert client.get(ConfigMap, "colours").data == {"wall": "white"}

    made.data = {"wall": "red"}
    client.replace(made)
    assert [found.data for found in client.list(ConfigMap, namespace="*")] == [{"wall": "red"}]

    client.delete(ConfigMap, "colours")
    with pytest.raises(ApiError) as told:
        client.get(ConfigMap, "colours")
    assert (told.value.status.code, told.value.status.reason) == (404, "NotFound")


def test_it_applies_and_is_told_of_conflicts(client):
    client.apply(service())
    other = service("ghcr.io/poorwill/serve:0.2.0")

    with pytest.raises(ApiError) as told:
        client.apply(other, field_manager="other")
    assert told.value.status.code == 409
    assert told.value.status.details.causes[0].field == ".spec.template.spec.containers"

    (container,) = client.apply(other, field_manager="other", force=True).spec["template"]["spec"]["containers"]
    assert container["image"].endswith("0.2.0")


def test_a_dry_apply_changes_nothing(client):
    assert client.apply(service(), dry_run=True).metadata.uid

    assert list(client.list(Service)) == []


def test_it_patches_in_every_way_that_there_is(client):
    client.create(colours(wall="white"))

    client.patch(ConfigMap, "colours", {"data": {"door": "green"}})
    client.patch(ConfigMap, "colours", {"data": {"roof": "red"}}, patch_type=PatchType.MERGE)
    client.patch(ConfigMap, "colours", [{"op": "remove", "path": "/data/wall"}], patch_type=PatchType.JSON)

    assert client.get(ConfigMap, "colours").data == {"door": "green", "roof": "red"}


def test_it_watches_what_is_there_and_what_comes(client, twin):
    client.create(colours(wall="white"))
    watch = client.watch(ConfigMap, namespace="default", server_timeout=60)

    assert next(watch)[0] == "ADDED"
    twin.add(config_map("more"))
    kind, found = next(watch)
    assert (kind, found.metadata.name) == ("ADDED", "more")
    client.delete(ConfigMap, "more")
    assert next(watch)[0] == "DELETED"
    watch.close()


def test_it_waits_for_a_condition(client):
    client.apply(service())
    status = {"conditions": [{"type": "Ready", "status": "True"}]}
    client.patch(Service.Status, "digits-v3", {"status": status}, patch_type=PatchType.MERGE)

    assert client.wait(Service, "digits-v3", for_conditions=["Ready"]).status["conditions"][0]["status"] == "True"


def test_it_lists_by_labels_and_pages(client):
    for name in "abc":
        client.create(ConfigMap(metadata=ObjectMeta(name=name, namespace="default", labels={"letter": name})))

    names = [found.metadata.name for found in client.list(ConfigMap, chunk_size=1)]
    assert names == ["a", "b", "c"]
    chosen = client.list(ConfigMap, labels={"letter": ["a", "b"]})
    assert [found.metadata.name for found in chosen] == ["a", "b"]


def test_it_reads_and_follows_logs(client, twin, tmp_path):
    (made,) = twin.add(pod(containerStatuses=[running()]))
    path = tmp_path / "log"
    path.write_text("one\ntwo\n")
    name = made["metadata"]["name"]
    twin.logs[("default", name, "user-container", False)] = path

    assert [line.strip() for line in client.log(name, tail_lines=1)] == ["two"]
    following = client.log(name, follow=True)
    assert next(following).strip() == "one"
    client.delete(Pod, name)
    assert [line.strip() for line in following] == ["two"]


def test_it_deletes_a_collection_and_cascades(client):
    client.create(colours(a="b"))
    client.deletecollection(ConfigMap, namespace="default")
    assert list(client.list(ConfigMap)) == []

    client.apply(service())
    client.delete(Service, "digits-v3", cascade=CascadeType.FOREGROUND)
    assert client.get(Service, "digits-v3").metadata.finalizers == ["foregroundDeletion"]


def test_it_sees_namespaces(client):
    client.create(Namespace(metadata=ObjectMeta(name="demo")))

    assert [found.metadata.name for found in client.list(Namespace)] == ["default", "demo", "other"]
