"""What Terraform applies of a model is what Poorwill would, of the same files."""

import json

import pytest
import yaml

from poorwill.delivery.components import laid_over, names
from poorwill.delivery.manifests import base, model_route, starting_service, version_service
from poorwill.delivery.traffic import Share, Split, traffic_of
from poorwill.errors import PoorwillError
from poorwill.registry.names import check_model_name
from poorwill.registry.records import BlobRef, Signature, VersionRecord
from tests.terraform.plans import plan_root
from tests.terraform.providers import run

ROOT = "terraform/modules/model"
NAMESPACE, IMAGE = "models", f"registry.example/serve@sha256:{'0' * 64}"
DIGESTS = {1: f"sha256:{'a' * 64}", 12: f"sha256:{'b' * 64}"}
COMPONENTS = names(base().parent / "components")
ALL = ("cuda", "bursts", "sleeps-soon", "trusted-keys", "authentication/both")  # those that get on with each other
NAMES = [
    "a",
    "digits",
    "breast-cancer",
    "digits-v",
    "v1digits",
    "digits-1234",
    "digits-123456",
    "x" * 40,
    "x" * 41,
    "",
    "Digits",
    "1digits",
    "digits-",
    "-digits",
    "digits_2",
    "digits.eu",
    "digits-v3",
    "digits-v33",
    "a-00001",
    "v1-digits",
    "v12-a",
    "ziffern\n",
    "größe",
]


def record(version):
    blob = BlobRef("", DIGESTS[version], 1)
    empty = Signature((), ())
    return VersionRecord(model="digits", version=version, created="2026-01-01T00:00:00Z", blob=blob, signature=empty)


def module(name, components=()):
    versions = [{"version": version, "digest": digest, "state": "live"} for version, digest in DIGESTS.items()]
    return f"""
module "{name}" {{
  source     = "../modules/model"
  name       = "digits"
  namespace  = "{NAMESPACE}"
  domain     = "models.example.com"
  image      = "{IMAGE}"
  components = {json.dumps(components)}
  registered = {{ model = "digits", versions = {json.dumps(versions)} }}
  traffic    = [{{ version = 1, percent = 95 }}, {{ version = 12, percent = 5 }}]
}}
"""


@pytest.fixture(scope="module")
def planned(found_terraform, tmp_path_factory):
    """Return what would be applied, by call, kind and name: without components, with each, with several."""
    if isinstance(found_terraform, str):
        pytest.skip(found_terraform)
    calls = {"bare": (), "all": ALL} | {called(name): (name,) for name in COMPONENTS}
    text = "".join(module(name, components) for name, components in calls.items())
    terraform = found_terraform.copied(tmp_path_factory.mktemp("model"))
    found = {}
    for resource in plan_root(terraform, "terraform/example", text):
        if resource.type == "kubectl_manifest":
            obj = yaml.safe_load(resource.after["yaml_body"])
            found[resource.address.split(".")[1], obj["kind"], obj["metadata"]["name"]] = obj
    return found


def called(component):
    return component.replace("/", "-")


def expected(version, components=()):
    start = laid_over(base().parent / "components", starting_service(), components)
    return version_service(start, record(version), NAMESPACE, image=IMAGE)


@pytest.mark.parametrize("version", DIGESTS)
def test_a_version_service_is_the_one_that_poorwill_deploy_makes(planned, version):
    assert planned["bare", "Service", f"digits-v{version}"] == expected(version)


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_is_laid_over_it_as_by_poorwill_deploy_with(planned, component):
    assert planned[called(component), "Service", "digits-v12"] == expected(12, [component])


def test_several_components_are_laid_over_it_in_their_order(planned):
    assert planned["all", "Service", "digits-v12"] == expected(12, ALL)


def test_the_route_is_the_one_that_poorwill_split_makes(planned):
    split = Split((Share(1, 95), Share(12, 5)))

    assert planned["bare", "Route", "digits"] == model_route("digits", NAMESPACE, traffic_of("digits", split))


def test_terraform_takes_the_names_that_poorwill_takes_and_no_others(terraform, tmp_path):
    copied = terraform.copied(tmp_path)
    names = tmp_path / "names"
    names.mkdir()
    # the module's own validations, each name's in one plan of its own would take minutes
    variables = (copied.folder / ROOT / "variables.tf").read_text()
    block = variables[variables.index('variable "name"') : variables.index('variable "namespace"')]
    conditions = [line.split("=", 1)[1].strip() for line in block.splitlines() if line.strip().startswith("condition")]
    takes = " && ".join(f"({condition.replace('var.name', 'name')})" for condition in conditions)
    (names / "names.tf").write_text(
        f'variable "names" {{ type = list(string) }}\noutput "taken" {{ value = [for name in var.names : {takes}] }}\n'
    )
    (names / "names.auto.tfvars.json").write_text(json.dumps({"names": NAMES}))
    code, said = run([terraform.binary, "apply", "-auto-approve", "-no-color"], names, terraform.environment)
    assert code == 0, said
    taken = json.loads(copied.run(names, "output", "-json", "taken"))

    assert dict(zip(NAMES, taken, strict=True)) == {name: _takes(name) for name in NAMES}


def _takes(name):
    try:
        check_model_name(name)
    except PoorwillError:
        return False
    return True
