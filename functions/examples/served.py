"""A sample model pushed into a store and served there, in processes as a user would start them."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO

from poorwill import Client
from poorwill.errors import NotFoundError, UnavailableError
from poorwill.registry.registry import Registry
from poorwill.store.opening import open_store

POORWILL = Path(sys.executable).with_name("poorwill")
START_SECONDS, STOP_SECONDS = 30, 30
POLL_SECONDS = 0.01


def push(models: dict[str, Path], store: Path) -> dict[str, int]:
    """Return each model's version, pushed with the sample.json beside it unless the store has that very file."""
    missing = [name for name, path in models.items() if not _stored(name, path, store)]
    with ExitStack() as stack:
        pushing = [stack.enter_context(_ended(_push_command(name, models[name], store))) for name in missing]
        codes = [process.wait() for process in pushing]
    if any(codes):
        raise SystemExit(1)  # the command has said why
    return {name: _stored(name, path, store) for name, path in models.items()}


def _push_command(name: str, path: Path, store: Path) -> list[Path | str]:
    return [POORWILL, "push", path, "--name", name, "--sample", path.with_name("sample.json"), "--store", store]


def _stored(name: str, path: Path, store: Path) -> int:
    """Return the newest version that is this very file, 0 where there is none."""
    digest = f"sha256:{sha256(path.read_bytes()).hexdigest()}"
    try:
        versions = Registry(open_store(str(store))).versions(name).versions
    except (NotFoundError, UnavailableError):
        return 0
    return max((entry.version for entry in versions if entry.digest == digest), default=0)


def free_port(usual: int = 0) -> int:
    """Return the usual port of 127.0.0.1, or another one where somebody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", usual))
        except OSError:
            return free_port()
        return int(probe.getsockname()[1])


@contextmanager
def serve(version: str, store: Path, port: int) -> Iterator[str]:
    """Yield the URL of a server, ready, in a process of its own that ends with this block."""
    command: list[Path | str] = [
        POORWILL,
        "serve",
        version,
        "--store",
        store,
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    url, log_path = f"http://127.0.0.1:{port}", store / "served.log"
    with log_path.open("wb") as log, _ended(command, log) as process:
        _await_ready(url, process, log_path)
        yield url


@contextmanager
def _ended(command: list[Path | str], log: IO[bytes] | int = subprocess.DEVNULL) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process that has ended when the block has; stderr goes to the log, or to ours where there is none."""
    errors = None if log == subprocess.DEVNULL else log
    # in a session of its own, so that Ctrl-C reaches it as the SIGTERM that it gets in a cluster
    with subprocess.Popen(command, stdout=log, stderr=errors, start_new_session=True) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _await_ready(url: str, process: subprocess.Popen[bytes], log_path: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    with Client(url) as client:
        while not client.ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"wanted a server that is ready, found none; {log_path} says why")
            time.sleep(POLL_SECONDS)
