"""Runs the commands of a README as a reader would: block by block, each server in the background until the next.

A block of ```sh is run by bash; a block of ```text after it is what it must print, `...` standing for anything.
Port 8080 of the text becomes a free one.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from functions.examples.served import free_port

ROOT = Path(__file__).parents[1]
WRITTEN_PORT = "8080"
BLOCK = re.compile(r"^```sh\n(?P<commands>.*?)^```\n(?:\n```text\n(?P<output>.*?)^```\n)?", re.MULTILINE | re.DOTALL)
READY_SECONDS, COMMAND_SECONDS = 30, 120

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def clone(folder: Path) -> Path:
    """Make the folder look like a clone with its environment, so that what commands write stays in it."""
    for name in (".venv", "functions"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def run(page: Path, folder: Path) -> int:
    """Run all blocks of the page in the folder; return how many there were."""
    port = str(free_port())
    blocks = list(BLOCK.finditer(page.read_text()))
    server: subprocess.Popen[bytes] | None = None
    try:
        for block in blocks:
            commands = block["commands"].replace(WRITTEN_PORT, port)
            if "poorwill serve" in commands:
                stop(server)
                server = subprocess.Popen(_bash(commands), cwd=folder, start_new_session=True)
                await_ready(port, server)
            else:
                _run(commands, block["output"], folder)
    finally:
        stop(server)
    return len(blocks)


def _run(commands: str, output: str | None, folder: Path) -> None:
    done = subprocess.run(
        _bash(commands), cwd=folder, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
    )
    assert done.returncode == 0, f"{commands}{done.stdout}{done.stderr}"
    for line in (output or "").splitlines():
        pattern = ".*".join(map(re.escape, line.split("...")))
        assert re.search(f"^{pattern}$", done.stdout, re.MULTILINE), f"wanted {line}\nfound {done.stdout}"


def _bash(commands: str) -> list[str]:
    return ["bash", "-euo", "pipefail", "-c", commands]


def await_ready(port: str, server: subprocess.Popen[bytes]) -> None:
    """Return once the server on the port is ready."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}/v2/health/ready", timeout=READY_SECONDS):
                return
        except (URLError, OSError):
            assert server.poll() is None, "the server ended before it was ready"
            assert time.monotonic() < deadline, "the server was not ready in time"
        time.sleep(0.02)


def stop(server: subprocess.Popen[bytes] | None) -> None:
    """End the server with all of its processes."""
    if server is not None and server.poll() is None:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(READY_SECONDS)
