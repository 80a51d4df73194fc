"""What the commands of the twin leave behind, and tell."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.behaviour.ground import environment

pytestmark = pytest.mark.e2e
PATIENCE_SECONDS = 60


def poorwill(folder, *words):
    return subprocess.run(
        [sys.executable, "-m", "poorwill", *words],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def working_in(folder):
    """Return the processes whose working folder this is."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink() == folder:
                found.append(process.name)
    return found


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="this system does not tell where processes work")
def test_ctrl_c_while_a_twin_starts_leaves_none(tmp_path):
    command = [sys.executable, "-m", "poorwill", "up", "--detach", "--port", "0"]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, start_new_session=True)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (tmp_path / ".poorwill" / "twin.log").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.1)  # the log is made just before the twin's own process

    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 130, told
    assert working_in(tmp_path) == []


def test_a_twin_of_another_folder_tells_the_command_that_ends_it(tmp_path):
    try:
        told = poorwill(tmp_path, "up", "--twin", ".second", "--detach", "--port", "0").stderr
        assert "poorwill down --twin .second" in told
    finally:
        poorwill(tmp_path, "down", "--twin", ".second")
