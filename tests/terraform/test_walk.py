"""The commands of the local environment's README, as they stand, from nothing to nothing."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import free_ports
from tests.e2e.behaviour.ground import environment
from tests.readme import needs_curl
from tests.terraform.providers import ROOT as PROJECT
from tests.terraform.twin import ROOT, command

pytestmark = pytest.mark.e2e
WRITTEN_PORT, BLOCK_SECONDS = "8090", 300


@pytest.fixture
def clone(terraform, tmp_path):
    """Lay out what a clone has, so that nothing is written into this one."""
    terraform.copied(tmp_path)
    shutil.copy(PROJECT / ROOT / "terraform.tfvars", tmp_path / ROOT)
    (tmp_path / "functions").symlink_to(PROJECT / "functions")
    yield tmp_path
    command(tmp_path, "down")


@needs_curl
def test_the_readme_brings_a_model_up_moves_its_callers_and_takes_it_down(terraform, clone):
    (port,) = free_ports(1)
    path = f"{Path(sys.executable).parent}:{Path(terraform.binary).parent}:{os.environ['PATH']}"
    variables = environment(**{**terraform.environment, "PATH": path})
    blocks = re.findall(r"^```sh\n(.*?)^```", (PROJECT / ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)

    shown = []
    for block in blocks:
        commands = block.replace("up --detach", f"up --detach --port {WRITTEN_PORT}").replace(WRITTEN_PORT, str(port))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=clone,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=BLOCK_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"
        shown.append(done.stdout)

    brought, asked, moved, gone = shown
    assert re.search(r"digits@1 .* 90 %", brought)
    assert re.search(r"digits@2 .* 10 %", brought)
    assert '"model_name":"digits"' in asked
    assert len(re.findall(r"digits@[12] .* 50 %", moved)) == 2
    assert "Destroy complete!" in gone
