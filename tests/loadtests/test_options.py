"""What can't be meant is refused in words, before anything is started."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("program", "options", "told"),
    [
        ("loadtests.faults.soak", ["--seconds", "-5"], "at least 30 seconds"),
        ("loadtests.faults.soak", ["--seconds", "nan"], "at least 30 seconds"),
        ("loadtests.faults", ["--only", "EARTHQUAKE"], "invalid choice"),
        ("loadtests.peers", ["nobody"], "found nobody"),
        ("loadtests.run", ["nothing"], "found nothing"),
    ],
)
def test_what_is_not_there_is_refused(program, options, told):
    done = subprocess.run([sys.executable, "-m", program, *options], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
