"""One process of a pod: started in a session of its own, ended with all that it started, never outliving the twin."""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

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


class Process:
    """A running process; `on_exit` gets its exit code on the loop, 128 + signal where a signal ended it."""

    def __init__(self, launch: Launch, on_exit: Callable[[int], None]) -> None:
        self._on_exit = on_exit
        self._loop = asyncio.get_running_loop()
        with launch.log.open("ab", buffering=0) as log:
            self._popen = subprocess.Popen(  # noqa: S603 - only programs of the table of images come here
                launch.command,
                cwd=launch.folder,
                env=dict(launch.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_bind(os.getpid(), launch.cpus),  # noqa: PLW1509 - calls the kernel and nothing else
            )
        self.pid = self._popen.pid
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
    with suppress(FileNotFoundError), log.open("rb") as file:
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


def _bind(parent: int, cpus: frozenset[int]) -> Callable[[], None]:
    def bind() -> None:
        if _PRCTL is not None:
            _PRCTL(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # it died before the kernel knew
                os._exit(1)
        if cpus:
            os.sched_setaffinity(0, cpus)

    return bind
