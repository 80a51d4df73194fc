"""checkov finds nothing in terraform/ but what a comment beside it excepts, with its reason."""

import re

import pytest

from tests.terraform.checkov import MissingCheckovError, installed, judged
from tests.terraform.configuration import PROJECT

EXCEPTION = re.compile(r"#\s*checkov:skip=(\w*):?(.*)")


@pytest.fixture(scope="module")
def checkov():
    """Return checkov's command."""
    try:
        return installed()
    except MissingCheckovError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def results(checkov):
    """Judge all of terraform/ once."""
    return judged(checkov, PROJECT / "terraform")


def test_nothing_fails(results):
    failed = [f"{check['file_path']} {check['resource']} {check['check_id']}" for check in results["failed_checks"]]

    assert sorted(set(failed)) == []
    assert results["parsing_errors"] == []
    assert len(results["passed_checks"]) > 100


def test_every_exception_names_a_check_and_its_reason(results):
    skipped = {check["check_id"] for check in results["skipped_checks"]}
    exceptions = [
        (path.name, *found)
        for path in (PROJECT / "terraform").rglob("*.tf")
        for found in EXCEPTION.findall(path.read_text())
    ]

    assert [exception for exception in exceptions if len(exception[2].split()) < 4] == []
    assert [exception for exception in exceptions if exception[1] not in skipped] == []


def test_it_would_find_an_open_port(checkov, tmp_path):
    rule = 'ingress {\n    from_port = 22\n    to_port = 22\n    protocol = "tcp"\n    cidr_blocks = ["0.0.0.0/0"]\n  }'
    (tmp_path / "ports.tf").write_text(f'resource "aws_security_group" "open" {{\n  name = "open"\n  {rule}\n}}\n')

    assert "CKV_AWS_24" in {check["check_id"] for check in judged(checkov, tmp_path)["failed_checks"]}
