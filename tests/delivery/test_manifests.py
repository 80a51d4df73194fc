"""Version services and model routes are the files of knative/base, edited in a few named places."""

import copy
import json
import os

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from poorwill.delivery import manifests
from poorwill.delivery.manifests import (
    base,
    container_of,
    model_route,
    starting_service,
    variables,
    version_of,
    version_service,
)
from poorwill.delivery.traffic import all_to, traffic_of
from poorwill.errors import NotFoundError, UnavailableError, UsageError
from poorwill.registry.records import BlobRef, Signature, VersionRecord

SERVICE = "{apiVersion: serving.knative.dev/v1, kind: Service}"
UNSAFE = [("apiVersion", "serving.knative.dev/v1"), ("kind", "Service")]  # what a loader of any object would make of it
DIGEST = f"sha256:{'0123456789abcdef' * 4}"


def record(model="iris", version=3):
    blob = BlobRef("model.onnx", DIGEST, 1)
    return VersionRecord(model=model, version=version, created="", blob=blob, signature=Signature((), ()))


def paths(value, at=()):
    if isinstance(value, dict):
        for key, member in value.items():
            yield from paths(member, (*at, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from paths(member, (*at, index))
    else:
        yield at, value


CONTAINER = ("spec", "template", "spec", "containers", 0)
EDITED = {
    ("metadata", "name"),
    ("metadata", "namespace"),
    *(
        (*place, "labels", name)
        for place in (("metadata",), ("spec", "template", "metadata"))
        for name in ("poorwill.dev/model", "poorwill.dev/version", "app.kubernetes.io/name")
    ),
    (*CONTAINER, "image"),
    (*CONTAINER, "env", 0, "value"),
    (*CONTAINER, "env", 1, "value"),
}


def test_only_the_named_places_of_the_base_are_edited():
    start = starting_service()

    made = version_service(start, record(), "models", image="registry.example/serve@sha256:1")

    before, after = dict(paths(start)), dict(paths(made))
    assert {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)} == EDITED
    assert made["metadata"]["name"] == "iris-v3"
    assert made["metadata"]["labels"]["poorwill.dev/version"] == "3"
    assert variables(container_of(made))["POORWILL_MODEL"] == "iris@3"
    assert variables(container_of(made))["POORWILL_DIGEST"] == DIGEST
    assert version_of(made) == 3


NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(NAMES, VALUES, max_size=4),
    st.dictionaries(NAMES, VALUES, max_size=4),
    st.lists(st.fixed_dictionaries({"name": NAMES, "value": st.text(max_size=5)}), max_size=4),
    st.permutations(["POORWILL_MODEL", "POORWILL_DIGEST"]),
)
def test_what_a_users_own_service_has_beside_is_kept(spec, pod, env, ours):
    env = [*env, *({"name": name, "value": "other"} for name in ours[:1])]
    pod = pod | {"containers": [{"name": "mine", "image": "i", "env": env}, {"name": "side"}]}
    pod["containers"][0]["ports"] = [{"containerPort": 8080}]
    start = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": "any", "annotations": {"a": "b"}},
        "spec": spec | {"template": {"spec": pod}},
    }
    before = copy.deepcopy(start)

    made = version_service(start, record(), "n")

    assert start == before, "what it is made from is left as it was"
    assert made["metadata"]["annotations"] == {"a": "b"}
    assert {name: value for name, value in made["spec"].items() if name != "template"} == spec
    rest = made["spec"]["template"]["spec"]
    assert {name: value for name, value in rest.items() if name != "containers"} == {
        name: value for name, value in pod.items() if name != "containers"
    }
    mine = rest["containers"][0]
    assert mine["image"] == "i"
    assert [entry for entry in mine["env"] if not entry["name"].startswith("POORWILL")] == env[:-1]
    assert variables(mine)["POORWILL_DIGEST"] == DIGEST
    assert rest["containers"][1] == {"name": "side"}


def test_start_packs_are_pinned_beside_the_digest_where_there_are_some():
    made = variables(container_of(version_service(starting_service(), record(), "n", packs=["sha256:1", "sha256:2"])))

    assert made["POORWILL_PACK_DIGESTS"] == "sha256:1,sha256:2"
    assert "POORWILL_PACK_DIGESTS" not in variables(container_of(version_service(starting_service(), record(), "n")))


def test_a_variable_from_elsewhere_is_replaced_by_the_value():
    start = starting_service()
    start["spec"]["template"]["spec"]["containers"][0]["env"][0] = {
        "name": "POORWILL_MODEL",
        "valueFrom": {"configMapKeyRef": {"name": "x", "key": "y"}},
    }

    env = container_of(version_service(start, record(), "n"))["env"]

    assert env[0] == {"name": "POORWILL_MODEL", "value": "iris@3"}


def test_the_model_route_stands_alone_and_keeps_the_rest_of_the_base():
    (start,) = yaml.safe_load_all((base() / "model-route.yaml").read_text())

    made = model_route("iris", "models", traffic_of("iris", all_to(3)))

    assert "serving.knative.dev/service" not in made["metadata"]["labels"]
    assert made["metadata"]["labels"]["poorwill.dev/model"] == made["metadata"]["name"] == "iris"
    assert made["metadata"]["namespace"] == "models"
    assert made["spec"] == {
        "traffic": [{"tag": "v3", "configurationName": "iris-v3", "latestRevision": True, "percent": 100}]
    }
    for path, value in paths(start):
        if path[:2] != ("spec", "traffic") and path[-1] not in {"name", "poorwill.dev/model", "app.kubernetes.io/name"}:
            assert dict(paths(made))[path] == value


def test_a_kustomization_is_rendered_by_kubectl(tmp_path):
    (tmp_path / "service.yaml").write_text(json.dumps(starting_service()))
    (tmp_path / "kustomization.yaml").write_text(
        "resources: [service.yaml]\nimages: [{name: ghcr.io/poorwill/serve, newName: mine, newTag: v1}]\n"
    )

    assert container_of(starting_service(tmp_path))["image"] == "mine:v1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "found none"),
        ("kind: ConfigMap", "found none"),
        (f"{SERVICE}\n---\n{SERVICE}", "2 of them"),
        ("just words", "something else"),
        ("a: [", "something else"),
        (f"!!python/object/apply:builtins.dict [{list(map(list, UNSAFE))}]", "something else"),
        ("apiVersion: 2026-01-01", "something else"),
    ],
    ids=range(7),
)
def test_a_file_without_one_version_service_is_refused(tmp_path, text, said):
    (tmp_path / "x.yaml").write_text(text)

    with pytest.raises(UsageError, match=said):
        starting_service(tmp_path / "x.yaml")


def test_a_file_that_is_not_there_and_a_folder_that_does_not_render_are_told(tmp_path):
    with pytest.raises(NotFoundError, match="--from"):
        starting_service(tmp_path / "none.yaml")
    with pytest.raises(UsageError, match="kustomization"):
        starting_service(tmp_path)


def test_a_folder_that_takes_too_long_to_render_is_told(tmp_path, monkeypatch):
    kubectl = tmp_path / "kubectl"
    kubectl.write_text("#!/bin/sh\nexec sleep 60\n")
    kubectl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(manifests, "_KUBECTL_SECONDS", 0.1)

    with pytest.raises(UnavailableError, match="remote resources"):
        starting_service(tmp_path)


@pytest.mark.parametrize("containers", [[], [{"name": "a"}, {"name": "b"}]], ids=["none", "two"])
def test_a_service_without_a_container_that_serves_is_refused(containers):
    start = starting_service()
    start["spec"]["template"]["spec"]["containers"] = containers

    with pytest.raises(UsageError, match="one container that serves"):
        version_service(start, record(), "n")


def test_a_version_that_sends_samples_sends_them_to_the_broker_of_its_own_namespace():
    service = version_service(starting_service(components=["sampled"]), record(), "shop")

    url = variables(container_of(service))["POORWILL_BROKER_URL"]
    assert url == "http://broker-ingress.knative-eventing.svc.cluster.local/shop/default"
