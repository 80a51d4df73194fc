"""What a process may use: memory, watched; CPUs, by affinity. A cgroup would take rights that a laptop doesn't give."""

import os
from pathlib import Path

PERIOD_SECONDS = 0.1
"""How often memory is looked at: a process that takes more in between is caught that much later."""

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_PROC = Path("/proc")


def memory_bytes(pid: int) -> int:
    """Return what a process holds beyond pages of files, as a cgroup's limit counts; 0 where that isn't known."""
    try:
        _, resident, shared = (_PROC / str(pid) / "statm").read_text().split()[:3]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return (int(resident) - int(shared)) * _PAGE_BYTES


def cpus_for(limit: float | None, turn: int) -> frozenset[int]:
    """Return the CPUs for a limit in CPUs, rounded up; empty where it doesn't limit.

    Args:
        limit: the container's, None for none.
        turn: a count of starts, so that neighbours don't share the first CPUs.
    """
    if limit is None or not hasattr(os, "sched_getaffinity"):
        return frozenset()
    there = sorted(os.sched_getaffinity(0))
    count = max(1, -int(-limit // 1))
    if count >= len(there):
        return frozenset()
    return frozenset(there[(turn * count + place) % len(there)] for place in range(count))
