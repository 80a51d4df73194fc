"""Every module and environment is formatted, valid and passes its own tests, with the providers that it names."""

import re

import pytest

from tests.terraform.configuration import PROJECT, ROOTS
from tests.terraform.providers import Terraform

each_root = pytest.mark.parametrize("root", ROOTS)


@each_root
def test_a_root_is_formatted(terraform: Terraform, root):
    terraform.run(root, "fmt", "-check", "-diff", "-no-color")
    if (terraform.folder / root / "tests").exists():
        terraform.run(f"{root}/tests", "fmt", "-check", "-diff", "-no-color")


@each_root
def test_a_root_is_valid(terraform: Terraform, root):
    terraform.init(root)
    terraform.run(root, "validate", "-no-color")


@each_root
def test_a_root_passes_its_own_tests(terraform: Terraform, root):
    _, said = terraform.tested(root, "-no-color")

    assert re.search(r"^Success! [1-9]\d* passed, 0 failed\.$", said, re.MULTILINE), said


def test_every_folder_of_configuration_is_a_root():
    folders = {path.parent for path in (PROJECT / "terraform").rglob("*.tf")}

    assert sorted(str(folder.relative_to(PROJECT)) for folder in folders) == ROOTS
