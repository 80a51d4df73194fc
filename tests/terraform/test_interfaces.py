"""Clouds differ inside modules only: callers meet the same variables and outputs, described, typed and validated."""

import os
import re

import pytest

from tests.terraform.configuration import (
    MISSING,
    MODULES,
    PROJECT,
    ROOTS,
    blocks,
    outputs,
    parsed,
    required_providers,
    variables,
)

CLOUDS = ("aws", "gcp", "azure")
FILES = sorted(path for path in (PROJECT / "terraform").rglob("*") if path.suffix in {".tf", ".hcl"})
LONGEST_FILE = 300
# any string does: it is only compared with what it was
ANY_WORDS = {("terraform/modules/ready", "written")}

each_root = pytest.mark.parametrize("root", ROOTS)
each_module = pytest.mark.parametrize("module", MODULES)


@pytest.mark.parametrize("cloud", CLOUDS[1:])
@pytest.mark.parametrize("module", ["cluster", "storage", "image-registry"])
def test_a_module_takes_and_gives_the_same_in_every_cloud(module, cloud):
    first, other = (f"terraform/modules/{module}/{name}" for name in (CLOUDS[0], cloud))

    assert _interface(other) == _interface(first)


def _interface(root):
    takes = {variable.name: (variable.type, variable.default is MISSING) for variable in variables(root)}
    return takes, {output.name for output in outputs(root)}


@each_root
def test_a_variable_says_what_it_is_and_of_which_type(root):
    assert [variable.name for variable in variables(root) if not (variable.description and variable.type)] == []


@each_root
def test_an_output_says_what_it_is(root):
    assert [output.name for output in outputs(root) if not output.description] == []


@each_module
def test_a_variable_that_can_be_wrong_is_validated(module):
    bare = [it.name for it in variables(module) if not it.validations and it.type != "bool" and it.type[:4] != "map("]

    assert [name for name in bare if not _validated_further_on(module, name) and (module, name) not in ANY_WORDS] == []


def _validated_further_on(root, name):
    """Tell whether a module that the root calls takes the variable as it is, and validates it."""
    return any(
        value == f"${{var.{name}}}" and it.validations
        for block in blocks(root).get("module", [])
        for call in block.values()
        for argument, value in call.items()
        for it in variables(os.path.normpath(f"{root}/{call['source']}"))
        if it.name == argument
    )


@each_root
def test_a_refusal_says_what_was_wanted_and_what_to_write(root):
    messages = [message for variable in variables(root) for message in variable.validations]

    assert [message for message in messages if not re.search(r"\bwanted\b.*; [a-z]", message)] == []


@each_root
def test_each_validation_is_shown_to_refuse(root):
    tests = [parsed(path.read_text()) for path in (PROJECT / root / "tests").glob("*.tftest.hcl")]
    runs = [run for test in tests for block in test.get("run", []) for run in block.values()]
    refused = re.findall(r"\bvar\.(\w+)", str([run.get("expect_failures") for run in runs]))

    untested = [it.name for it in variables(root) if refused.count(it.name) < len(it.validations)]
    assert untested == []


@each_module
def test_a_module_leaves_providers_and_state_to_its_caller(module):
    settings = blocks(module).get("terraform", [])

    assert "provider" not in blocks(module)
    assert [block for block in settings if "backend" in block or "cloud" in block] == []


@each_root
def test_modules_come_from_this_repository(root):
    sources = [call["source"] for block in blocks(root).get("module", []) for call in block.values()]

    assert [source for source in sources if not source.startswith(("./", "../"))] == []


def test_each_provider_is_wanted_in_one_version():
    wanted = {(it["source"], it["version"]) for root in ROOTS for it in required_providers(root).values()}

    assert len(wanted) == len({source for source, _ in wanted}), sorted(wanted)


@each_root
def test_a_root_says_which_terraform_it_wants(root):
    assert [block["required_version"] for block in blocks(root)["terraform"]] == [">= 1.9"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_a_file_is_short_and_named_by_what_it_holds(path):
    assert path.name not in {"main.tf", "providers.tf.json", "locals.tf", "data.tf"}
    assert path.read_text().count("\n") <= LONGEST_FILE
