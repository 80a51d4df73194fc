"""The Terraform that these tests share; `make terraform` takes no skip for an answer."""

import os
from collections.abc import Iterator

import pytest

from tests.terraform.providers import MissingTerraformError, Terraform, find

REQUIRED = os.environ.get("POORWILL_TERRAFORM_REQUIRED") == "1"


@pytest.fixture(scope="session")
def found_terraform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraform | str]:
    """Find Terraform once; give the reason where there is none."""
    try:
        found = find(tmp_path_factory.mktemp("terraform"), build=REQUIRED)
    except MissingTerraformError as error:
        yield str(error)
    else:
        yield found
        found.attached.close()


@pytest.fixture
def terraform(found_terraform: Terraform | str) -> Terraform:
    """Return Terraform with a copy of terraform/ and knative/; skip in a line where it or its providers are missing."""
    if isinstance(found_terraform, str):
        pytest.skip(found_terraform)
    return found_terraform


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Fail what is skipped where all is required."""
    report = yield
    if REQUIRED and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but required by `make terraform`: {report.longrepr[-1]}"
    return report
