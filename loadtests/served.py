"""A model pushed into a store of its own and served by `poorwill serve` on a free port of the loopback."""

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

from loadtests.ports import free_port

POORWILL = Path(sys.executable).with_name("poorwill")
START_SECONDS, STOP_SECONDS = 30, 30
POLL_SECONDS = 0.02


@contextmanager
def serve(model: Path, *, sample: Path, folder: Path) -> Iterator[str]:
    """Yield the URL once the server is ready; end it afterwards. The store and the server's log go into the folder."""
    name, store = model.stem, str(folder / "store")
    push = [str(POORWILL), "push", str(model), "--name", name, "--sample", str(sample), "--store", store]
    subprocess.run(push, check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    command = [str(POORWILL), "serve", f"{name}@1", "--store", store, "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "server.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            _await_ready(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            _stop(process)


def _await_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_ready(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("wanted a server that is ready, found none; its log is server.log in the folder")
        time.sleep(POLL_SECONDS)


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    try:
        connection.request("GET", "/v2/health/ready")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
