"""Where Terraform or a provider is missing, one line says why."""

import pytest

from tests.terraform.providers import MissingTerraformError, Terraform, find

NOTHING = 'provider_installation {\n  filesystem_mirror {\n    path = "."\n  }\n}\n'


def test_a_machine_without_terraform_is_told_so(tmp_path):
    with pytest.raises(MissingTerraformError, match=r"^terraform is not installed$"):
        find(tmp_path, build=False, path=str(tmp_path))


def test_an_old_terraform_is_told_of_the_one_that_is_wanted(tmp_path):
    old = tmp_path / "terraform"
    old.write_text('#!/bin/sh\necho \'{"terraform_version": "1.5.7"}\'\n')
    old.chmod(0o700)

    with pytest.raises(MissingTerraformError, match=r"^wanted terraform 1\.11 or newer, found 1\.5\.7$"):
        find(tmp_path, build=False, path=str(tmp_path))


def test_a_machine_without_providers_is_told_which_one_is_missing(terraform: Terraform, tmp_path, monkeypatch):
    (tmp_path / "terraformrc").write_text(NOTHING)
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "terraformrc"))

    with pytest.raises(
        MissingTerraformError, match=r"^terraform init: Could not retrieve .* provider .*; .*README\.md"
    ):
        find(tmp_path, build=False, mirror=tmp_path / "none")


def test_a_mirror_that_was_not_built_is_told_of(terraform: Terraform, tmp_path, monkeypatch):
    (tmp_path / "terraformrc").write_text(NOTHING)
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "terraformrc"))
    mirror = tmp_path / "providers"
    mirror.write_text("#!/bin/sh\necho nothing built yet >&2\nexit 1\n")
    mirror.chmod(0o700)

    with pytest.raises(MissingTerraformError, match=r"env: nothing built yet; `make terraform` builds it$"):
        find(tmp_path, build=False, mirror=mirror)


def test_a_copy_holds_no_state_and_is_run_without_what_the_machine_exports(terraform: Terraform, tmp_path):
    copy = terraform.copied(tmp_path)

    left = [path for path in copy.folder.rglob("*") if ".tfstate" in path.name or path.name.startswith(".terraform")]
    assert left == []
    assert [name for name in copy.environment if name.startswith(("TF_VAR_", "AWS_", "ARM_", "GOOGLE_"))] == []
