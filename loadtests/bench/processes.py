"""What Linux tells of a session of processes: who belongs to it, the memory it holds, the CPU time it used."""

import os
import re
from pathlib import Path

PROC = Path("/proc")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# fields of /proc/<pid>/stat after the command's name, proc(5)
STATE, PARENT, SESSION, USER_TICKS, SYSTEM_TICKS = 0, 1, 3, 11, 12
ZOMBIE = "Z"


def members(session: int, mark: str = "") -> list[int]:
    """Return the ids of all processes of a session; its leader's id is the session's.

    Args:
        session: of the processes.
        mark: in the environment of processes that belong to it, too, with all that descend from them: some servers
            give their workers sessions of their own.
    """
    living = {pid: fields for pid, fields in _all().items() if fields[STATE] != ZOMBIE}
    found = {pid for pid, fields in living.items() if int(fields[SESSION]) == session}
    if not mark:
        return sorted(found)
    found |= {pid for pid in living if mark in _read(PROC / str(pid) / "environ")}
    parents = {pid: int(fields[PARENT]) for pid, fields in living.items()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return sorted(found)


def children(parent: int) -> dict[int, str]:
    """Return the living processes that a process has started, each with its command's name."""
    found = [pid for pid, fields in _all().items() if int(fields[PARENT]) == parent]
    return {pid: name for pid in found if (name := _read(PROC / str(pid) / "comm").strip())}


def cpu_seconds(session: int, mark: str = "") -> float:
    """Return the CPU time that the living members have used."""
    fields = [stat for pid in members(session, mark) if (stat := _stat(pid))]
    return sum(int(stat[USER_TICKS]) + int(stat[SYSTEM_TICKS]) for stat in fields) / TICKS_PER_SECOND


def pss_mb(session: int, mark: str = "") -> float:
    """Return the members' proportional set size in MiB: a page that n processes share counts a n-th for each."""
    texts = (_read(PROC / str(pid) / "smaps_rollup") for pid in members(session, mark))
    found = (re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE) for text in texts)
    return sum(int(match[1]) for match in found if match) / 1024


def _all() -> dict[int, list[str]]:
    ids = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())
    return {pid: fields for pid in ids if (fields := _stat(pid))}


def _stat(pid: int) -> list[str]:
    text = _read(PROC / str(pid) / "stat")
    return text[text.rindex(")") + 2 :].split() if text else []


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # it ended between the listing and the reading
        return ""
