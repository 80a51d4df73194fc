"""`make load`: serve the digits sample, let Locust ask it for some seconds, stop it; ends with Locust's exit code.

python -m loadtests.run [--seconds 15] [--users 8]
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from functions.examples.ending import take_any_end_as_ctrl_c
from functions.examples.served import free_port, push, serve

HERE = Path(__file__).parent
ROOT = HERE.parent
DIGITS = ROOT / "functions" / "examples" / "digits" / "digits.onnx"
HIGHEST_SECONDS, HIGHEST_USERS = 600, 200  # each user asks at most 50 times a second; only this machine is asked


def main() -> int:
    """Return the exit code: 0 when every limit was kept."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.run", description=__doc__)
    parser.add_argument("--seconds", type=int, default=15, help=f"at most {HIGHEST_SECONDS}")
    parser.add_argument("--users", type=int, default=8, help=f"at most {HIGHEST_USERS}; half of them ask by JSON")
    options = parser.parse_args()
    if not (0 < options.seconds <= HIGHEST_SECONDS and 0 < options.users <= HIGHEST_USERS):
        parser.error(f"wanted 1 to {HIGHEST_SECONDS} seconds and 1 to {HIGHEST_USERS} users")
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder)
        versions = push({"digits": DIGITS}, store)
        with serve(f"digits@{versions['digits']}", store, free_port()) as url:
            return locust(url, users=options.users, seconds=options.seconds)


def locust(url: str, *, users: int, seconds: int) -> int:
    """Run Locust in a process of its own and return its exit code."""
    load = ["--host", url, "--users", str(users), "--spawn-rate", str(users), "--run-time", f"{seconds}s"]
    quiet = ["--headless", "--only-summary", "--loglevel", "WARNING"]
    command = [sys.executable, "-m", "locust", "-f", str(HERE / "infer_digits.py"), *quiet, *load]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    take_any_end_as_ctrl_c()
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
