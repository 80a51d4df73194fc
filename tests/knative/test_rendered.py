"""All that knative/ renders is what was reviewed, and what a Kubernetes with Knative accepts."""

import os
import re
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from tests.knative.rendering import FOLDERS, KNATIVE, KUBECTL, RENDERED, rendered

GOLDEN = Path(__file__).parent / "golden"
CLUSTER = os.environ.get("POORWILL_E2E_KUBECONFIG", "")
VISIBILITY = {"networking.knative.dev/visibility": "cluster-local"}  # of a Service alone
# kinds whose definitions come with other products
FOREIGN = {
    "KnativeServing": "knativeservings",
    "KnativeEventing": "knativeeventings",
    "ClusterIssuer": "clusterissuers",
    "PodMonitor": "podmonitors",
}


def name_of(part):
    return "-".join(part.parts)


@pytest.mark.parametrize("part", RENDERED, ids=name_of)
def test_what_is_rendered_is_what_was_reviewed(part, tmp_path):
    found = rendered(part, tmp_path)
    golden = GOLDEN / f"{name_of(part)}.yaml"

    if os.environ.get(
        "POORWILL_GOLDEN"
    ):  # POORWILL_GOLDEN=1 .venv/bin/pytest tests/knative, then look at the difference
        golden.write_text(found)
    assert found == golden.read_text()


@pytest.mark.parametrize("part", [part for part in RENDERED if part != Path("platform")], ids=name_of)
def test_no_two_objects_are_the_same_and_every_version_service_is_as_strict_as_the_base(part, tmp_path):
    objects = list(yaml.safe_load_all(rendered(part, tmp_path)))
    names = [(item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"]) for item in objects]

    assert len(set(names)) == len(names)
    for service in objects:
        if (service["kind"], service["apiVersion"].partition("/")[0]) != ("Service", "serving.knative.dev"):
            continue
        template = service["spec"]["template"]
        (container,) = template["spec"]["containers"]
        assert service["metadata"]["labels"].items() - VISIBILITY.items() <= template["metadata"]["labels"].items()
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        if service["metadata"]["labels"]["app.kubernetes.io/component"] == "predictor":
            environment = {item["name"]: item.get("value") for item in container["env"]}
            version = service["metadata"]["labels"]["poorwill.dev/version"]
            assert environment["POORWILL_MODEL"] == f"{service['metadata']['labels']['poorwill.dev/model']}@{version}"
            assert re.fullmatch(r"sha256:[0-9a-f]{64}", environment["POORWILL_DIGEST"])


@pytest.mark.parametrize("part", FOLDERS, ids=name_of)
def test_every_file_of_a_folder_is_used(part):
    kustomization = yaml.safe_load((KNATIVE / part / "kustomization.yaml").read_text())
    generators = [name for each in kustomization.get("configMapGenerator", []) for name in each["envs"]]
    listed = {*kustomization["resources"], *generators, "kustomization.yaml"}

    assert {path.name for path in (KNATIVE / part).iterdir()} - {"tls"} <= listed


@pytest.fixture(scope="module")
def namespace():
    if not CLUSTER:
        pytest.skip("POORWILL_E2E_KUBECONFIG names no cluster; `make e2e KUBECONFIG=...` does")
    name = f"accepted-{uuid4().hex[:8]}"
    _kubectl("create", "namespace", name)
    _kubectl("-n", name, "create", "serviceaccount", "poorwill-predictor")  # Knative looks for it, dry run or not
    for account in ("deploy", "pipeline"):
        _kubectl("-n", name, "create", "serviceaccount", f"poorwill-{account}")
    yield name
    _kubectl("delete", "namespace", name, "--wait=false")


@pytest.mark.parametrize("part", RENDERED, ids=name_of)
def test_a_real_api_server_with_knatives_webhooks_accepts_it(part, tmp_path, namespace):
    objects = list(yaml.safe_load_all(rendered(part, tmp_path)))
    defined = _kubectl("get", "crd", "-o", "name")
    absent = sorted(
        {item["kind"] for item in objects if item["kind"] in FOREIGN and f"/{FOREIGN[item['kind']]}." not in defined}
    )
    flags = _kubectl("-n", "knative-serving", "get", "configmap", "config-features", "-o", "jsonpath={.data}")
    if absent:
        pytest.skip(f"the cluster has no {' and no '.join(absent)}")
    if part.name == "cuda" and '"kubernetes.podspec-tolerations":"enabled"' not in flags:
        pytest.skip("the cluster's flag kubernetes.podspec-tolerations is off")
    for item in objects:
        if item["kind"] != "Namespace" and item["apiVersion"].split("/")[0] != "operator.knative.dev":
            item["metadata"]["namespace"] = namespace

    _kubectl(
        "apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-", stdin=yaml.safe_dump_all(objects)
    )


def _kubectl(*arguments, stdin=None):
    done = subprocess.run(
        [KUBECTL, "--kubeconfig", CLUSTER, *arguments], input=stdin, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
