"""A twin that harm is done to: its processes by what they are, its clock, its disk, and a supervisor that starts it."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from loadtests.bench.processes import children
from loadtests.faults.clock import OFFSET_FILE
from loadtests.twin import ROOT, LoadTwin

UP_SECONDS = 60
POLL_SECONDS = 0.02
ENVOY = "envoy"
_SERVICE = b"K_SERVICE="


class FaultyTwin(LoadTwin):
    """A running twin with a clock that can be set (see clock); a context that ends it."""

    _process: subprocess.Popen[bytes]

    def __exit__(self, *reason: object) -> None:
        super().__exit__(*reason)
        self._process.wait()

    @property
    def pid(self) -> int:
        """Return the twin's process."""
        return self._process.pid

    def kill(self) -> None:
        """Kill the twin, and return when its functions and Envoy are gone, too."""
        pids = [self.pid, *self.processes()]
        os.kill(self.pid, signal.SIGKILL)
        self._process.wait()
        await_that(lambda: not any(map(lives, pids)), "processes that end with the twin")

    def start_again(self) -> None:
        """Start it as a supervisor would: on the same folder and port."""
        self._start(self.port)

    def processes(self) -> dict[int, str]:
        """Return the twin's children: which version service each serves, or what else it runs, by its pid."""
        return {pid: _service(pid) or name for pid, name in children(self.pid).items()}

    def process(self, name: str) -> int:
        """Return the one process of a version service, or Envoy's."""
        await_that(lambda: name in self.processes().values(), f"a process of {name}")
        return next(pid for pid, served in self.processes().items() if served == name)

    def set_clock(self, offset_seconds: float) -> None:
        """Let the twin's clock go wrong by so much, at once."""
        self._offset.write_text(str(offset_seconds))
        os.kill(self.pid, signal.SIGUSR1)

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Let no file of the twin's grow for a block, as on a disk without room."""
        whole = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        before = set(self.processes())
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (1, whole[1]))
        try:
            yield
        finally:
            for pid in (self.pid, *(set(self.processes()) - before)):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, whole)

    @property
    def _offset(self) -> Path:
        return self.folder / "clock-offset"

    def _start(self, port: int) -> None:
        self._offset.write_text("0")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("POORWILL_", "KUBECONFIG"))}
        kept |= {OFFSET_FILE: str(self._offset), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "loadtests.faults.clock", "up", "--port", str(port)]
        with (self.folder / "twin.log").open("ab") as log:
            # in a session of its own, so that Ctrl-C does not cut it short
            self._process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=kept,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        await_that(self._is_up, "a twin that is up")

    def _is_up(self) -> bool:
        if self._process.poll() is not None:
            raise SystemExit(f"faults: the twin ended: {(self.folder / 'twin.log').read_text()[-2000:]}")
        running = self.home.running()
        return running is not None and running.pid == self.pid


def lives(pid: int) -> bool:
    """Return whether a process runs; one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def await_that(said: Callable[[], object], wanted: str, seconds: float = UP_SECONDS) -> None:
    """Return when something is so; end the run where it does not come."""
    deadline = time.monotonic() + seconds
    while not said():
        if time.monotonic() > deadline:
            raise SystemExit(f"faults: wanted {wanted}, found none in {seconds:g} s")
        time.sleep(POLL_SECONDS)


def _service(pid: int) -> str:
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return ""
    return next((one.removeprefix(_SERVICE).decode() for one in variables if one.startswith(_SERVICE)), "")
