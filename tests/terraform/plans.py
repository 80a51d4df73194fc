"""Plans with mocked providers: roots that a page makes up, and environments with variables of its own."""

import json
import os
from functools import cache
from typing import Any, NamedTuple

from tests.terraform.configuration import blocks, parsed, required_providers, requiring
from tests.terraform.providers import Terraform

# what the modules of a cloud want to know of the account, from their own tests
MOCKS = {
    provider: f"terraform/modules/cluster/{cloud}/tests/mocks"
    for provider, cloud in (("aws", "aws"), ("google", "gcp"), ("azurerm", "azure"))
}
FOLDER = "planned"  # not tests/, whose files are the root's own


class Planned(NamedTuple):
    """A resource that would be made."""

    address: str
    type: str
    after: dict[str, Any]


def plan_root(terraform: Terraform, root: str, text: str) -> list[Planned]:
    """Plan a root that consists of the text, in a folder of its own such as terraform/example."""
    folder = terraform.folder / root
    folder.mkdir(parents=True)
    (folder / "example.tf").write_text(text)
    declared = parsed(text)
    providers = {
        name: provider
        for block in declared.get("terraform", [])
        for named in block.get("required_providers", [])
        for name, provider in named.items()
    }
    if not providers:
        providers = _providers_of_modules(root, declared)
        (folder / "versions.tf").write_text(requiring(providers))
    return _plan(terraform, root, _mocks(terraform, providers, declared), "")


@cache
def plan_environment(terraform: Terraform, root: str, variables: str) -> list[Planned]:
    """Plan an environment with the variables, written as in a tfvars file."""
    mocks = _mocks(terraform, required_providers(root), blocks(root))
    return _plan(terraform, root, mocks, f"variables {{\n{variables}\n}}\n")


def _providers_of_modules(root: str, declared: dict[str, Any]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for block in declared.get("module", []):
        for call in block.values():
            module = os.path.normpath(f"{root}/{call['source']}")
            found |= required_providers(module) | _providers_of_modules(module, blocks(module))
    return found


def _mocks(terraform: Terraform, providers: dict[str, Any], declared: dict[str, Any]) -> str:
    """Return a mock of each provider, and of each that has an alias."""
    named = [(name, it.get("alias")) for block in declared.get("provider", []) for name, it in block.items()]
    aliases = [(name, alias) for name, alias in named if alias]
    mocks = []
    for name, alias in [*((name, "") for name in providers), *aliases]:
        lines = [f'  alias = "{alias}"'] if alias else []
        source = terraform.folder / MOCKS.get(name, "none")
        if source.exists():
            lines += [f'  source = "{source}"', "  override_during = plan"]
        mocks.append("\n".join([f'mock_provider "{name}" {{', *lines, "}", ""]))
    return "\n".join(mocks)


def _plan(terraform: Terraform, root: str, mocks: str, variables: str) -> list[Planned]:
    folder = terraform.folder / root / FOLDER
    folder.mkdir(exist_ok=True)
    (folder / "plan.tftest.hcl").write_text(f'{mocks}\n{variables}\nrun "plan" {{\n  command = plan\n}}\n')
    code, output = terraform.tested(root, f"-test-directory={FOLDER}", "-json", "-verbose")
    events = [json.loads(line) for line in output.splitlines()]
    faults = [event["diagnostic"] for event in events if event["type"] == "diagnostic"]
    said = [f"{fault['summary']}: {fault.get('detail')}" for fault in faults if fault["severity"] == "error"]
    assert code == 0, "\n".join([root, *said])
    return [
        Planned(change["address"], change["type"], change["change"]["after"])
        for event in events
        if event["type"] == "test_plan"
        for change in event["test_plan"].get("resource_changes", [])
        if change["mode"] == "managed"
    ]
