"""Environments: the clouds' are alike, one goes without the others, and bad input is refused at plan, in words."""

import re

import pytest

from tests.terraform.configuration import outputs, variables

CLOUDS = ("aws", "gcp", "azure")
OWN = {"project", "subscription_id"}  # what a provider wants of its caller, and no other cloud has
MODEL = '{ digits = { registered_file = "tests/digits.json", traffic = [{ version = %s, percent = %s }] } }'
GOOD = {
    "name": '"digits-prod"',
    "region": '"eu-central-1"',
    "network": '{ cidr = "10.10.0.0/16" }',
    "domain": '"models.example.com"',
    "images": '{ serve = "registry.example/serve@sha256:%s" }' % ("0" * 64),
    "models": MODEL % (1, 100),
}
REFUSED = [
    ("models", MODEL % (1, 90), "wanted percents that sum to 100, found 90"),
    ("models", MODEL % (7, 100), "wanted versions of digits that are registered and not removed (1, 2)"),
    ("kubernetes_version", '"1.29"', 'write "1.34" or "1.35"'),
    ("name", '"digits-of-production-eu"', "wanted 3 to 20 of a-z, 0-9 and -"),
    ("region", '"us-west-1"', "wanted a region of AWS with EKS"),
    ("network", '{ cidr = "8.8.0.0/16" }', "RFC 1918"),
    ("api_access_cidrs", '["0.0.0.0/0"]', "found all of the internet"),
]


def folder(environment):
    return f"terraform/environments/{environment}"


def head(path):
    """Return a test file's providers and stand-ins, without its variables and runs."""
    return re.split(r"^(?:variables|run) ", path.read_text(), maxsplit=1, flags=re.MULTILINE)[0]


def test_all_clouds_have_the_same_variables_and_outputs():
    declared = {cloud: {(found.name, found.type) for found in variables(folder(cloud))} for cloud in CLOUDS}
    shared = {cloud: {found for found in declared[cloud] if found[0] not in OWN} for cloud in CLOUDS}
    told = {cloud: {output.name for output in outputs(folder(cloud))} for cloud in CLOUDS}

    assert shared["gcp"] == shared["azure"] == shared["aws"] == declared["aws"]
    assert told["gcp"] == told["azure"] == told["aws"]


@pytest.mark.parametrize("cloud", ["gcp", "azure"])
def test_a_cloud_without_a_login_goes_with_its_file(terraform, tmp_path, cloud):
    copied = terraform.copied(tmp_path)
    (copied.folder / folder("multi") / f"{cloud}.tf").unlink()
    copied.init(folder("multi"))

    copied.run(folder("multi"), "validate", "-no-color")


def test_bad_input_is_refused_at_plan_in_words(terraform, tmp_path):
    copied = terraform.copied(tmp_path)
    root = copied.init(folder("aws"))
    filters = []
    for number, (name, value, _) in enumerate(REFUSED):
        given = [f"{each} = {text}" for each, text in (GOOD | {name: value}).items()]
        lines = [head(root / "tests/whole.tftest.hcl"), "variables {", *given, "}", 'run "bad" { command = plan }', ""]
        (root / f"tests/refused_{number}.tftest.hcl").write_text("\n".join(lines))
        filters.append(f"-filter=tests/refused_{number}.tftest.hcl")

    code, said = copied.tested(folder("aws"), "-no-color", *filters)

    words = " ".join(re.sub(r"[│╷╵]", " ", said).split())
    assert code == 1
    assert [message for _, _, message in REFUSED if message not in words] == [], said
    assert said.count("in progress\n") == said.count('run "bad"... fail') == len(REFUSED), said
