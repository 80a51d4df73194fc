"""A clean environment for each contender, from the project's lock: what one of them brings never slows another.

functions-framework's wheel, for one, brings a .pth file that runs at each start of every interpreter beside it.
"""

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
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))},
        "UV_PROJECT_ENVIRONMENT": str(folder),
        "UV_LINK_MODE": "copy",
    }
    options = ("--quiet", "--frozen", "--no-default-groups", "--compile-bytecode", "--python", python)
    subprocess.run([uv(), "sync", *options, *selection], cwd=ROOT, env=environment, check=True)
    return folder / "bin"


def uv() -> str:
    """Return the command of uv."""
    bundled = ROOT / ".tools" / "bin" / "uv"  # what the Makefile installs where there is none
    return str(bundled) if bundled.exists() else shutil.which("uv") or "uv"
