"""Which commit is measured."""

import subprocess
from pathlib import Path


def commit() -> str:
    """Return its short name, with -dirty where files differ from it; "" where there is no repository."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip()
