"""A clean environment for each that is measured, from locked versions: what one of them brings never slows another.

functions-framework's wheel, for one, brings a .pth file that runs at each start of every interpreter beside it.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("--extra", "serve", "--no-editable", "--reinstall-package", "poorwill")


def make(folder: Path, selection: tuple[str, ...], python: str) -> Path:
    """Return the bin folder of an environment with only what `selection` (arguments of `uv sync`) names.

    Files are copied, not linked from uv's cache: memory that two environments share would be counted by halves.
    """
    options = ("--quiet", "--frozen", "--no-default-groups", "--compile-bytecode", "--python", python)
    subprocess.run([uv(), "sync", *options, *selection], cwd=ROOT, env=_variables(folder), check=True)
    return folder / "bin"


def make_locked(folder: Path, lock: Path, python: str) -> Path:
    """Return the bin folder of an environment with only what a file of hashed requirements names.

    It is made once, and again when the file or the Python has changed; files are copied, as in `make`.
    """
    done, wanted = folder / "made-of", f"{hashlib.sha256(lock.read_bytes()).hexdigest()} {python}\n"
    if not done.exists() or done.read_text() != wanted:
        inside = str(folder / "bin" / "python")
        options = ("--quiet", "--require-hashes", "--compile-bytecode", "--python", inside)
        for command in (
            ["venv", "--quiet", "--clear", "--python", python, str(folder)],
            ["pip", "sync", *options, str(lock)],
        ):
            subprocess.run([uv(), *command], env=_variables(folder), check=True)
        done.write_text(wanted)
    return folder / "bin"


def _variables(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return kept | {"UV_PROJECT_ENVIRONMENT": str(folder), "UV_LINK_MODE": "copy", "UV_PYTHON_DOWNLOADS": "never"}


def uv() -> str:
    """Return the command of uv."""
    bundled = ROOT / ".tools" / "bin" / "uv"  # what the Makefile installs where there is none
    return str(bundled) if bundled.exists() else shutil.which("uv") or "uv"
