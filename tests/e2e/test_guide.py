"""The guide's files are written and its commands run as they stand, on free ports, and print what it says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import readme
from tests.conftest import free_ports

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guide.md").read_text()
FILE = re.compile(r"^```(?:python|yaml)\n# (?P<name>\S+)\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = 120

pytestmark = [
    readme.needs_curl,
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux binds the twin's processes so"),
    pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed"),
]


@pytest.fixture
def clone(tmp_path):
    """Lay out a clone with the guide's files in it; end its twin."""
    shutil.copytree(ROOT / "knative", tmp_path / "knative")
    for file in FILE.finditer(PAGE):
        (tmp_path / file["name"]).parent.mkdir(exist_ok=True)
        (tmp_path / file["name"]).write_text(file["content"])
    yield tmp_path
    subprocess.run(["poorwill", "down"], cwd=tmp_path, env=variables(), capture_output=True, timeout=60, check=False)


def variables():
    return os.environ | {"PATH": f"{ROOT}/.venv/bin:{os.environ['PATH']}"}


def shown(commands, clone):
    """Run a block by bash; return its exit code and all that it printed."""
    commands = commands.replace("up --detach", "up --detach --port 0")
    done = subprocess.run(
        ["bash", "-euc", commands],
        cwd=clone,
        env=variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout


def test_the_guide_leads_from_a_csv_to_two_versions_and_back(clone):
    (port,) = free_ports(1)
    server = None
    try:
        for block in readme.BLOCK.finditer(PAGE):
            commands, output = block["commands"].replace("8080", str(port)), block["output"] or ""
            if commands.startswith("poorwill serve"):
                server = subprocess.Popen(commands.split(), cwd=clone, env=variables(), start_new_session=True)
                readme.await_ready(str(port), server)
                continue
            code, printed = shown(commands, clone)
            assert code == (65 if "did you mean" in output or "✗" in output else 0), f"{commands}{printed}"
            for line in output.splitlines():
                pattern = ".*".join(map(re.escape, line.split("...")))
                assert re.search(f"^{pattern}$", printed, re.MULTILINE), f"wanted {line}\nfound {printed}"
    finally:
        readme.stop(server)
