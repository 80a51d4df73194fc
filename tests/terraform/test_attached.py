"""Providers are started once, answer any number of commands, and are gone when they are left."""

import json
import socket

import pytest

from tests.terraform.attached import Attached
from tests.terraform.providers import Terraform


def test_providers_run_until_they_are_closed(terraform: Terraform):
    attached = Attached(terraform.attached.folder)

    addresses = json.loads(attached.environment()["TF_REATTACH_PROVIDERS"])
    assert {"registry.terraform.io/hashicorp/aws", "registry.terraform.io/gavinbunney/kubectl"} < set(addresses)
    assert [found for found in addresses.values() if not answers(found["Addr"]["String"])] == []
    assert json.loads(attached.environment()["TF_REATTACH_PROVIDERS"]) == addresses

    attached.close()
    assert [found for found in addresses.values() if answers(found["Addr"]["String"])] == []


def answers(path):
    """Tell whether somebody listens on a socket."""
    with socket.socket(socket.AF_UNIX) as caller:
        try:
            caller.connect(path)
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        return True


def test_a_program_that_is_no_provider_is_told_of(tmp_path):
    binary = tmp_path / "registry.test/some/one/1.0.0/here/terraform-provider-one"
    binary.parent.mkdir(parents=True)
    binary.write_text("#!/bin/sh\necho no\n")
    binary.chmod(0o700)
    attached = Attached(tmp_path)

    with pytest.raises(AssertionError, match="terraform-provider-one did not start: no"):
        attached.environment()
    attached.close()
