"""What each peer is installed from: locked/NAME.txt, which has every version and hash, made from NAME.in.

Newer versions are locked by `python -m loadtests.peers.locks [NAME...]`.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from loadtests.bench import environments

LOCKED = Path(__file__).parent / "locked"
COMMAND = "python -m loadtests.peers.locks"


def lock(name: str) -> Path:
    """Return the file of a peer."""
    return LOCKED / f"{name}.txt"


def versions(name: str, packages: Iterable[str]) -> list[str]:
    """Return what the lock of a peer has of some packages."""
    text = lock(name).read_text()
    found = [re.search(rf"^{re.escape(package)}==([^ \\]+)", text, re.MULTILINE) for package in packages]
    return [match[1] if match else "?" for match in found]


def renew(name: str) -> None:
    """Resolve what a peer needs, newest versions first."""
    options = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--upgrade", "--quiet")
    command = ("pip", "compile", *options, "--custom-compile-command", COMMAND)
    files = (f"{name}.in", "--output-file", f"{name}.txt")
    subprocess.run([environments.uv(), *command, *files], cwd=LOCKED, check=True, stdout=subprocess.DEVNULL)


def main(names: Sequence[str]) -> None:
    """Renew these, or all."""
    for name in names or sorted(path.stem for path in LOCKED.glob("*.in")):
        renew(name)


if __name__ == "__main__":
    main(sys.argv[1:])
