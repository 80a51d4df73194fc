"""What the processors of this machine are."""

import platform
import re
from pathlib import Path


def machine() -> str:
    """Return what the processors are."""
    cores = re.findall(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return f"{len(cores)} cores of {cores[0]}" if cores else platform.machine()
