"""Runs checkov over folders of Terraform, without a network, in an environment of its own.

Its requirements are written anew by: echo checkov | uv pip compile --universal --python-version 3.11 --generate-hashes
--no-header --no-annotate --output-file tests/terraform/checkov.txt -
"""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from loadtests.bench.environments import uv

ROOT = Path(__file__).parents[2]
REQUIREMENTS = Path(__file__).with_name("checkov.txt")
OFFLINE = ("--skip-download", "--download-external-modules", "false")


class MissingCheckovError(Exception):
    """Why checkov can't be had here, in one line."""


def installed() -> Path:
    """Return checkov's command, in an environment that is made once for its requirements."""
    folder = ROOT / "build/checkov" / hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            _run(uv(), "venv", "--quiet", "--clear", "--python", sys.executable, folder / "venv")
            python = folder / "venv/bin/python"
            _run(uv(), "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", REQUIREMENTS)
            (folder / "ready").touch()
    return folder / "venv/bin/checkov"


def _run(*command: str | Path) -> None:
    try:
        subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = " ".join((getattr(error, "stderr", None) or str(error)).split())
        raise MissingCheckovError(f"checkov can't be installed: {said[:200]}") from error


def judged(command: Path, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return what checkov says of a folder: failed_checks, skipped_checks and others."""
    options = ("--directory", folder, "--framework", "terraform", "--compact", "--output", "json")
    environment = os.environ | {"LOG_LEVEL": "ERROR"}
    done = subprocess.run(
        [command, *options, *OFFLINE], env=environment, capture_output=True, text=True, check=False, cwd=folder
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    return json.loads(done.stdout)["results"]
