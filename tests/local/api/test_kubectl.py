"""Unmodified kubectl works on the twin: what it writes and reads."""

import json

import pytest

from tests.local.api.objects import CONFIG_MAP, SERVICE, config_map, pod, running, text

pytestmark = pytest.mark.e2e


def test_it_applies_and_sees_that_nothing_changed(twin):
    assert twin.kubectl("apply", "-f", "-", sent=CONFIG_MAP) == "configmap/colours created\n"
    assert twin.kubectl("apply", "-f", "-", sent=CONFIG_MAP) == "configmap/colours unchanged\n"

    changed = CONFIG_MAP.replace(", door: green", "")
    assert twin.kubectl("apply", "-f", "-", sent=changed) == "configmap/colours configured\n"
    assert twin.kubectl("get", "cm", "colours", "-o", "jsonpath={.data}") == '{"wall":"white"}'


def test_it_applies_knative_services_by_merge_patches(twin):
    assert "digits-v3 created" in twin.kubectl("apply", "-f", "-", sent=SERVICE)
    changed = SERVICE.replace("digits@3", "digits@4")
    assert "digits-v3 configured" in twin.kubectl("apply", "-f", "-", sent=changed)

    env = twin.kubectl("get", "ksvc", "digits-v3", "-o", "jsonpath={.spec.template.spec.containers[0].env[0].value}")
    assert env == "digits@4"


def test_it_applies_on_the_servers_side_and_is_told_of_conflicts(twin):
    assert "serverside-applied" in twin.kubectl("apply", "--server-side", "-f", "-", sent=CONFIG_MAP)
    other = CONFIG_MAP.replace("white", "red")

    told = twin.kubectl("apply", "--server-side", "--field-manager=painter", "-f", "-", sent=other, code=1)
    assert 'conflict with "kubectl": .data.wall' in told

    twin.kubectl("apply", "--server-side", "--field-manager=painter", "--force-conflicts", "-f", "-", sent=other)
    assert twin.kubectl("get", "cm/colours", "-o", "jsonpath={.data.wall}") == "red"


def test_it_applies_a_folder_of_kustomize(twin, tmp_path):
    (tmp_path / "kustomization.yaml").write_text("namespace: other\nresources: [colours.yaml, service.yaml]\n")
    (tmp_path / "colours.yaml").write_text(CONFIG_MAP)
    (tmp_path / "service.yaml").write_text(SERVICE)

    told = twin.kubectl("apply", "-k", str(tmp_path))

    assert set(told.splitlines()) == {"configmap/colours created", "service.serving.knative.dev/digits-v3 created"}
    assert twin.kubectl("get", "ksvc,cm", "-n", "other", "-o", "name").split() == [
        "service.serving.knative.dev/digits-v3",
        "configmap/colours",
    ]


def test_it_creates_what_it_sends_as_protobuf(twin):
    twin.kubectl("create", "namespace", "demo")
    twin.kubectl("create", "configmap", "c", "--from-literal=a=b", "-n", "demo")
    twin.kubectl("create", "secret", "generic", "s", "--from-literal=a=b")
    twin.kubectl("create", "serviceaccount", "sa")
    twin.kubectl("create", "role", "r", "--verb=get,list", "--resource=services.serving.knative.dev")
    twin.kubectl("create", "rolebinding", "rb", "--role=r", "--serviceaccount=default:sa")

    assert twin.kubectl("get", "cm", "c", "-n", "demo", "-o", "jsonpath={.data.a}") == "b"
    assert twin.kubectl("get", "secret", "s", "-o", "jsonpath={.data.a}") == "Yg=="
    rules = json.loads(twin.kubectl("get", "role", "r", "-o", "json"))["rules"]
    assert rules == [{"apiGroups": ["serving.knative.dev"], "resources": ["services"], "verbs": ["get", "list"]}]
    assert "Role/r" in twin.kubectl("get", "rolebinding", "rb", "-o", "wide")


def test_it_refuses_what_is_there_and_tells_what_is_not(twin):
    twin.kubectl("create", "-f", "-", sent=CONFIG_MAP)

    assert 'configmaps "colours" already exists' in twin.kubectl("create", "-f", "-", sent=CONFIG_MAP, code=1)
    told = twin.kubectl("get", "ksvc", "nothing", code=1)
    assert told == 'Error from server (NotFound): services.serving.knative.dev "nothing" not found\n'
    missing = twin.kubectl("create", "-n", "nowhere", "-f", "-", sent=CONFIG_MAP, code=1)
    assert 'namespaces "nowhere" not found' in missing


def test_it_knows_no_kind_that_the_twin_has_not(twin):
    budget = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: a}\nspec: {minAvailable: 1}\n"

    assert 'no matches for kind "PodDisruptionBudget" in version "policy/v1"' in twin.kubectl(
        "apply", "-f", "-", sent=budget, code=1
    )
    assert 'the server doesn\'t have a resource type "pdb"' in twin.kubectl("get", "pdb", code=1)


def test_an_unknown_field_is_refused_with_its_path(twin):
    wrong = SERVICE.replace("    spec:", "    colour: red\n    spec:")

    for how in ([], ["--server-side"]):
        told = twin.kubectl("apply", *how, "-f", "-", sent=wrong, code=1)
        assert 'strict decoding error: unknown field "spec.template.colour"' in told
    warned = twin.kubectl("apply", "--validate=warn", "-f", "-", sent=wrong)
    assert 'Warning: unknown field "spec.template.colour"' in warned
    assert "colour" not in twin.kubectl("get", "ksvc", "digits-v3", "-o", "jsonpath={.spec}")


def test_a_rule_that_is_broken_is_told_as_knatives_webhook_does(twin):
    wrong = SERVICE + "  traffic: [{percent: 110, latestRevision: true}]\n"

    told = twin.kubectl("apply", "-f", "-", sent=wrong, code=1)

    assert 'admission webhook "validation.webhook.serving.knative.dev" denied the request: validation failed' in told
    assert "spec.traffic[0].percent" in told


def test_it_labels_annotates_and_patches_in_three_ways(twin):
    twin.kubectl("apply", "-f", "-", sent=CONFIG_MAP)
    twin.kubectl("apply", "-f", "-", sent=SERVICE)

    twin.kubectl("label", "ksvc", "digits-v3", "tier=gold")
    twin.kubectl("annotate", "cm", "colours", "note=fresh")
    twin.kubectl("patch", "cm", "colours", "-p", '{"data":{"roof":"red","door":null}}')
    twin.kubectl("patch", "ksvc", "digits-v3", "--type=merge", "-p", '{"metadata":{"labels":{"app":null}}}')
    twin.kubectl("patch", "cm", "colours", "--type=json", "-p", '[{"op":"add","path":"/data/floor","value":"oak"}]')

    assert twin.kubectl("get", "ksvc", "-l", "tier=gold,!app", "-o", "name").endswith("digits-v3\n")
    found = json.loads(twin.kubectl("get", "cm", "colours", "-o", "json"))
    assert found["data"] == {"wall": "white", "roof": "red", "floor": "oak"}
    assert found["metadata"]["annotations"]["note"] == "fresh"
    refused = twin.kubectl("patch", "ksvc", "digits-v3", "-p", "{}", code=1)
    assert "application/strategic-merge-patch+json is not supported by serving.knative.dev/v1, Kind=Service" in refused


def test_it_replaces_what_it_read_and_nothing_that_changed_since(twin):
    twin.kubectl("apply", "-f", "-", sent=CONFIG_MAP)
    read = json.loads(twin.kubectl("get", "cm", "colours", "-o", "json"))
    twin.kubectl("label", "cm", "colours", "a=b")

    told = twin.kubectl("replace", "-f", "-", sent=text({**read, "data": {}}), code=1)
    assert "the object has been modified" in told

    del read["metadata"]["resourceVersion"]
    assert "replaced" in twin.kubectl("replace", "-f", "-", sent=text({**read, "data": {}}))


def test_it_shows_the_difference_that_an_apply_would_make(twin):
    twin.kubectl("apply", "-f", "-", sent=SERVICE)

    assert twin.kubectl("diff", "-f", "-", sent=SERVICE) == ""
    told = twin.kubectl("diff", "-f", "-", sent=SERVICE.replace("digits@3", "digits@4"), code=1)

    assert "-          value: digits@3" in told.replace("        - ", "          ")
    assert "digits@4" in told
    assert "digits@3" in twin.kubectl("get", "ksvc", "digits-v3", "-o", "yaml")
    assert "created (server dry run)" in twin.kubectl("apply", "--dry-run=server", "-f", "-", sent=CONFIG_MAP)
    twin.kubectl("get", "cm", "colours", code=1)


def test_it_shows_tables_names_and_values(twin):
    twin.add(config_map("a", x="1"), {**config_map("b"), "metadata": {"name": "b", "namespace": "other"}})
    twin.add(pod(containerStatuses=[running(restarts=2)], podIP="127.0.0.1"))

    assert twin.kubectl("get", "configmaps", "-A").splitlines()[0].split() == ["NAMESPACE", "NAME", "DATA", "AGE"]
    assert twin.kubectl("get", "cm", "--no-headers", "--field-selector=metadata.name=a").split()[:2] == ["a", "1"]
    assert twin.kubectl("get", "po", "-o", "wide").splitlines()[1].split()[1:4] == ["1/1", "Running", "2"]
    assert "127.0.0.1" in twin.kubectl("get", "pods", "-o", "wide")
    assert "pod/digits-v3-00001-deployment-1" in twin.kubectl("get", "all")
    assert twin.kubectl("get", "cm", "-A", "--chunk-size=1", "-o", "name").split() == ["configmap/a", "configmap/b"]
    assert "No resources found in default namespace." in twin.kubectl("get", "cm", "-l", "no=such")


def test_knative_columns_show_what_a_service_says(twin):
    (made,) = twin.add(json.loads(text({**_service(), "metadata": {"name": "d", "namespace": "default"}})))
    condition = {"type": "Ready", "status": "False", "reason": "RevisionFailed"}
    status = {"url": "http://d.default.localhost", "conditions": [condition], "latestCreatedRevisionName": "d-00001"}
    twin.call(lambda: twin.state.update({**made, "status": status}, status=True))

    table = twin.kubectl("get", "kservice").splitlines()

    assert table[0].split() == ["NAME", "URL", "LATESTCREATED", "LATESTREADY", "READY", "REASON"]
    assert table[1].split() == ["d", "http://d.default.localhost", "d-00001", "False", "RevisionFailed"]


def _service():
    template = {"spec": {"containers": [{"image": "ghcr.io/poorwill/serve:0.1.0"}]}}
    return {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "spec": {"template": template}}
