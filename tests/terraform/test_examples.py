"""Every example of HCL on a page of terraform/ can be planned as it stands."""

import re
import shutil

import pytest

from tests.terraform.configuration import MODULES, parsed
from tests.terraform.examples import roots, variables
from tests.terraform.plans import plan_environment, plan_root
from tests.terraform.providers import Terraform

REGISTERED_FILE = re.compile(r'\bregistered_file\s*=\s*"([^"]+)"')


@pytest.mark.parametrize("example", roots(), ids=str)
def test_an_example_is_planned(terraform: Terraform, example):
    folder = f"terraform/example-{example.folder.replace('/', '-')}-{example.number}"

    planned = plan_root(terraform, folder, example.text)

    assert bool(planned) == ("module" in parsed(example.text))


@pytest.mark.parametrize("example", variables(), ids=str)
def test_variables_of_an_environment_are_planned(terraform: Terraform, example):
    folder = terraform.folder / example.folder
    for name in REGISTERED_FILE.findall(example.text):  # what `poorwill versions` would print
        shutil.copy(folder / "tests/digits.json", folder / name)

    assert plan_environment(terraform, example.folder, example.text)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_an_example(module):
    examples = [example.text for example in roots() if example.folder == module]

    assert any(f'"../{module.removeprefix("terraform/")}"' in text for text in examples)
