"""The wait of modules/ready, on a twin: by a kubeconfig, or by what a cloud's cluster tells of itself."""

import base64
import json

import pytest
import yaml

from tests.terraform.providers import run
from tests.terraform.twin import twin

pytestmark = pytest.mark.e2e
READY = "terraform/modules/ready"
ROUTE = "routes.serving.knative.dev/digits"


@pytest.fixture(scope="module")
def ground(found_terraform, tmp_path_factory):
    """Run a twin with digits@1 deployed."""
    if isinstance(found_terraform, str):
        pytest.skip(found_terraform)
    with twin(tmp_path_factory.mktemp("twin")) as found:
        found.deploy("digits@1")
        yield found


@pytest.fixture
def waits(terraform, tmp_path):
    """Return a function that applies the module with variables, and returns its code and its words in one line."""
    copied = terraform.copied(tmp_path)
    folder = copied.init(READY)

    def apply(environment=None, **variables):
        given = {"namespace": "default", "objects": [ROUTE], "written": "1"} | variables
        (folder / "ready.auto.tfvars.json").write_text(json.dumps(given))
        command = [terraform.binary, "apply", "-auto-approve", "-no-color"]
        code, output = run(command, folder, {**terraform.environment, **(environment or {})})
        return code, " ".join(output.replace("│", " ").split())

    return apply


def test_what_is_ready_is_not_waited_for(ground, waits):
    code, said = waits(access={"kubeconfig": ground.environment["KUBECONFIG"]})

    assert code == 0, said


def test_a_cluster_is_reached_by_its_host_its_authority_and_a_command_for_a_token(ground, waits, tmp_path):
    kubeconfig = yaml.safe_load((ground.folder / ".poorwill/kubeconfig").read_text())
    (cluster,), (user,) = kubeconfig["clusters"], kubeconfig["users"]
    credential = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "kind": "ExecCredential",
        "status": {"token": user["user"]["token"]},
    }
    (tmp_path / "credential.json").write_text(json.dumps(credential))
    authority = base64.b64decode(cluster["cluster"]["certificate-authority-data"]).decode()
    access = {
        "host": cluster["cluster"]["server"],
        "cluster_ca_certificate": authority,
        "exec": {"command": "cat", "args": [str(tmp_path / "credential.json")]},
    }

    code, said = waits(access=access)

    assert code == 0, said
    assert user["user"]["token"] not in (tmp_path / READY / "terraform.tfstate").read_text()


def test_what_is_not_there_in_time_fails_with_the_clusters_words(ground, waits):
    access = {"kubeconfig": ground.environment["KUBECONFIG"]}

    code, said = waits(access=access, objects=["routes.serving.knative.dev/nobody"], wait_seconds=10)

    assert code == 1
    assert "routes.serving.knative.dev/nobody in namespace default: wanted Ready" in said
    assert '"nobody" not found' in said


def test_a_machine_without_kubectl_is_told_what_is_missing(waits, tmp_path):
    (tmp_path / "empty").mkdir()

    code, said = waits(access={"kubeconfig": "/dev/null"}, environment={"PATH": str(tmp_path / "empty")})

    assert code == 1
    assert "wanted kubectl on the PATH" in said
