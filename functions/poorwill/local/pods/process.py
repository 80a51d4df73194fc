"""One process of a pod: started in a session of its own, ended with all that it started, never outliving the twin."""

import asyncio
import ctypes
import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from poorwill.local import descriptors

LOG_LIMIT_BYTES = 10 * 2**20
"""What a log may hold before its older part goes to one file beside it; kubelet's containerLogMaxSize."""

MESSAGE_BYTES, MESSAGE_LINES = 2048, 80
"""What kubelet keeps of a log as last words (FallbackToLogsOnError)."""

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
# looked up before any fork: a child between fork and exec must not load libraries
_PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


class Launch(NamedTuple):
    """What is started."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path  # its working folder
    log: Path
    cpus: frozenset[int] = frozenset()  # it may use these; empty for all
    is_ours: bool = False  # part of the twin: it gets as many descriptors as the twin


class Process:
    """A running process; `on_exit` gets its exit code on the loop, 128 + signal where a signal ended it."""

    def __init__(self, launch: Launch, on_exit: Callable[[int], None]) -> None:
        self._on_exit = on_exit
        self._loop = asyncio.get_running_loop()
        if not os.access(launch.command[0], os.X_OK):  # what binds it would end with a number of its own
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        bound = _binding_command()
        with launch.log.open("ab", buffering=0) as log:
            self._popen = subprocess.Popen(  # noqa: S603 - only programs of the table of images come here
                (*bound, *launch.command),
                cwd=launch.folder,
                env=dict(launch.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=None if bound else _bind(os.getpid()),  # noqa: PLW1509 - calls the kernel and nothing else
            )
        self.pid = self._popen.pid
        if not launch.is_ours:
            descriptors.give(self.pid)
        if launch.cpus:
            with suppress(ProcessLookupError):
                os.sched_setaffinity(self.pid, launch.cpus)
        self._watch()

    def terminate(self) -> None:
        """Ask the process to end, and it alone, as kubelet asks a container's first."""
        if self._popen.returncode is None:
            os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End the process and all that it started."""
        if self._popen.returncode is None:
            with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of zombies
                os.killpg(self.pid, signal.SIGKILL)

    def _watch(self) -> None:
        if hasattr(os, "pidfd_open"):
            descriptor = os.pidfd_open(self.pid)
            self._loop.add_reader(descriptor, self._ended, descriptor)
        else:
            threading.Thread(target=self._await_end, daemon=True, name=f"wait-{self.pid}").start()

    def _await_end(self) -> None:
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        with suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self._loop.call_soon_threadsafe(self._ended, None)

    def _ended(self, descriptor: int | None) -> None:
        if descriptor is not None:
            self._loop.remove_reader(descriptor)
            os.close(descriptor)
        self.kill()  # what it started goes with it, as in a container; it still holds its number
        code = self._popen.wait()
        self._on_exit(code if code >= 0 else 128 - code)


def last_words(log: Path) -> str:
    """Return the end of a log, as kubelet puts it into a termination message."""
    with suppress(OSError), log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - MESSAGE_BYTES))
        return b"".join(file.read().splitlines(keepends=True)[-MESSAGE_LINES:]).decode(errors="replace")
    return ""


def bound_log(log: Path, limit_bytes: int = LOG_LIMIT_BYTES) -> None:
    """Move a log that is over the limit aside; its writer, which appends, goes on in the same file from its start."""
    if log.is_file() and log.stat().st_size > limit_bytes:
        older = log.with_suffix(".older.log")
        with log.open("rb") as source, older.open("wb") as target:
            os.sendfile(target.fileno(), source.fileno(), 0, limit_bytes)
        os.truncate(log, 0)


def end_strays(folder: Path) -> None:
    """Kill what an earlier twin's pods left running: processes whose TMPDIR and working folder lie in the folder.

    A killed twin takes its processes along, but not what they had started themselves.
    """
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # ended meanwhile, or somebody else's
            place = (entry / "cwd").readlink()
            mark = f"TMPDIR={place}".encode()
            if place.is_relative_to(folder) and mark in (entry / "environ").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)


@cache
def _binding_command() -> tuple[str, ...]:
    """Return what binds a command's life to ours before it becomes that command; empty where there is nothing.

    util-linux's setpriv: with it a start needs no copy of our page tables, which takes 10 ms and holds up the loop.
    """
    command = ("/usr/bin/setpriv", "--pdeathsig", "KILL", "--")
    try:
        tried = subprocess.run((*command, "/bin/true"), stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603
    except OSError:
        return ()
    return command if tried.returncode == 0 else ()  # BusyBox has one that can't


def _bind(parent: int) -> Callable[[], None] | None:
    """Return what a fork does before it becomes the command; None where the system has no such binding."""
    if _PRCTL is None:
        return None

    def bind() -> None:
        _PRCTL(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the kernel knew
            os._exit(1)

    return bind
