"""The twin's folder: the lock that makes it one, what it tells of itself, and where its parts keep their files."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from poorwill.errors import ConflictError, Fault, UsageError

_POLL_SECONDS = 0.02
_MARK = ".poorwill-twin"
_FOLDERS = ("images", "pods", "jobs", "envoy")
_DATABASES = ("state.sqlite", "events.sqlite")
_DRAFTED = ("api-ca.pem", "api-server.pem", "api-token", "kubeconfig", "running")
_FILES = (
    *(f"{name}{end}" for name in _DATABASES for end in ("", "-wal", "-shm")),
    *("lock", "running.json", "api_port"),
    *_DRAFTED,
    *(f"{name}.new" for name in _DRAFTED),
    *("twin.log", "envoy.log", ".gitignore"),
)


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """What a running twin tells of itself."""

    pid: int
    port: int  # of the gateway, for requests
    api_port: int  # of the Kubernetes API; the kubeconfig has it
    data_path: str  # envoy | activator
    started: str  # RFC 3339


class TwinFolder:
    """One twin's files. All of it may be read by its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.state = self.path / "state.sqlite"
        self.kubeconfig = self.path / "kubeconfig"
        self.log = self.path / "twin.log"
        self.events = self.path / "events.sqlite"
        self.pods = self.path / "pods"
        self.jobs = self.path / "jobs"
        self._running = self.path / "running.json"

    @property
    def is_twins(self) -> bool:
        """Return whether a twin made this folder its own."""
        return (self.path / _MARK).is_file()

    def make(self) -> None:
        """Make the folder, closed to others, and unseen by git; raise UsageError where it holds something else."""
        if self.is_twins:
            return
        if self.path.exists() and not (self.path.is_dir() and not any(self.path.iterdir())):
            raise self._foreign("name one that is new or empty with --twin")
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.path / ".gitignore").write_text("*\n")
        (self.path / _MARK).touch()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder's lock for a block; raise ConflictError where another twin has it."""
        self.make()
        with (self.path / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise self._taken() from None
            self._running.unlink(missing_ok=True)
            try:
                yield
            finally:
                self._running.unlink(missing_ok=True)

    def announce(self, running: Running) -> None:
        """Write what the running twin is, for the commands that look for it."""
        draft = self._running.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(running))
        draft.replace(self._running)

    def running(self) -> Running | None:
        """Return the twin that has this folder and is up, None where there is none."""
        if not self._is_held():
            return None
        with suppress(FileNotFoundError, msgspec.DecodeError):
            return msgspec.json.decode(self._running.read_bytes(), type=Running)
        return None

    def last_api_port(self) -> int:
        """Return where the API was served last, 0 before the first time."""
        try:
            return int((self.path / "api_port").read_text())
        except (FileNotFoundError, ValueError):
            return 0

    def keep_api_port(self, port: int) -> None:
        """Keep where the API is served, so that the next twin serves it there, too."""
        (self.path / "api_port").write_text(str(port))

    def refuse_second(self) -> None:
        """Raise ConflictError where a twin has the folder."""
        if self._is_held():
            raise self._taken()

    def refuse_purge(self) -> None:
        """Raise UsageError where there is a folder, and it is no twin's."""
        if self.path.exists() and not self.is_twins:
            raise self._foreign("name the twin's with --twin; nothing was removed")

    def purge(self) -> None:
        """Remove all that was deployed, and the folder where nobody else keeps anything in it."""
        self.refuse_purge()
        for name in _FOLDERS:
            shutil.rmtree(self.path / name, ignore_errors=True)
        for name in (*_FILES, _MARK):  # the mark last: what is left can be purged again
            (self.path / name).unlink(missing_ok=True)
        with suppress(OSError):
            self.path.rmdir()

    def await_free(self, timeout_seconds: float) -> bool:
        """Wait until no twin holds the folder; return whether that came."""
        deadline = time.monotonic() + timeout_seconds
        while self._is_held():
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def _is_held(self) -> bool:
        try:
            lock = os.open(self.path / "lock", os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
        return False

    def _foreign(self, advice: str) -> UsageError:
        return UsageError(Fault("the twin's folder", "a twin's own", "one with something else", advice))

    def _taken(self) -> ConflictError:
        running = self.running()
        found = f"a twin on port {running.port}, process {running.pid}" if running else "a twin that comes up or goes"
        advice = "use that one, end it with `poorwill down`, or name another folder with --twin"
        return ConflictError(Fault("the twin's folder", "a folder that no twin uses", found, advice))
