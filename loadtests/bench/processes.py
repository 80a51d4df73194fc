"""What Linux tells of a session of processes: who belongs to it, the memory it holds, the CPU time it used."""

import os
import re
from pathlib import Path

PROC = Path("/proc")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PARENT, SESSION, USER_TICKS, SYSTEM_TICKS = 1, 3, 11, 12  # fields of /proc/<pid>/stat after the command's name, proc(5)


def members(session: int) -> list[int]:
    """Return the ids of all processes of a session; its leader's id is the session's."""
    ids = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())
    return [pid for pid in ids if (fields := _stat(pid)) and int(fields[SESSION]) == session]


def children(parent: int) -> dict[int, str]:
    """Return the living processes that a process has started, each with its command's name."""
    ids = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())
    found = [pid for pid in ids if (fields := _stat(pid)) and int(fields[PARENT]) == parent]
    return {pid: name for pid in found if (name := _read(PROC / str(pid) / "comm").strip())}


def cpu_seconds(session: int) -> float:
    """Return the CPU time that the living members have used."""
    fields = [stat for pid in members(session) if (stat := _stat(pid))]
    return sum(int(stat[USER_TICKS]) + int(stat[SYSTEM_TICKS]) for stat in fields) / TICKS_PER_SECOND


def pss_mb(session: int) -> float:
    """Return the members' proportional set size in MiB: a page that n processes share counts a n-th for each."""
    texts = (_read(PROC / str(pid) / "smaps_rollup") for pid in members(session))
    found = (re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE) for text in texts)
    return sum(int(match[1]) for match in found if match) / 1024


def _stat(pid: int) -> list[str]:
    text = _read(PROC / str(pid) / "stat")
    return text[text.rindex(")") + 2 :].split() if text else []


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it ended between the listing and the reading
        return ""
