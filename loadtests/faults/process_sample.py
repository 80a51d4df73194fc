"""What Linux tells of one process: memory, open descriptors, threads."""

import re
from pathlib import Path
from typing import NamedTuple

KIB_PER_MB = 1024


class ProcessSample(NamedTuple):
    """One look at a process."""

    pid: int
    pss_mb: float  # a page that n processes share counts a n-th
    rss_mb: float
    descriptors: int
    threads: int


def look(pid: int) -> ProcessSample | None:
    """Return how a process is, None where it has ended."""
    folder = Path(f"/proc/{pid}")
    try:
        rollup, status = (folder / "smaps_rollup").read_text(), (folder / "status").read_text()
        return ProcessSample(
            pid, _kib(rollup, "Pss") / KIB_PER_MB, _kib(rollup, "Rss") / KIB_PER_MB, descriptors(pid), _threads(status)
        )
    except (OSError, ValueError):
        return None


def descriptors(pid: int) -> int:
    """Return how many descriptors a process has open; raise OSError where it has ended."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def _kib(text: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
    if not found:
        raise ValueError(name)
    return int(found[1])


def _threads(status: str) -> int:
    found = re.search(r"^Threads:\s+(\d+)", status, re.MULTILINE)
    if not found:
        raise ValueError("Threads")
    return int(found[1])
