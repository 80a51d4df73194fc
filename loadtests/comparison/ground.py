"""What both sides stand on: a twin each, in one environment, with the same gateway, limits and commands."""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from loadtests.bench.twin.ground import ENVOY, Ground, Twin
from poorwill.local.folder import TwinFolder


class CommandError(Exception):
    """A command said no."""


class Place(Twin):
    """A running twin with a folder of its own, in which commands are given as people give them; a context that ends it.

    Args:
        ground: see Ground; its sample is not asked here.
    """

    def __init__(self, ground: Ground) -> None:
        ground.folder.mkdir()
        try:
            super().__init__(ground, ENVOY)
        except BaseException:  # Ctrl-C among them: one that is up by then must not stay
            with suppress(subprocess.CalledProcessError):
                self._command("down")
            raise
        self.folder = ground.folder / ENVOY
        self.home = TwinFolder(self.folder / ".poorwill")

    def command(self, *arguments: str) -> str:
        """Give one of Poorwill's commands, and return what it says."""
        return run([str(self.ground.bin / "poorwill"), *arguments], self.folder)

    def kubectl(self, *arguments: str) -> str:
        """Give one of kubectl's commands, and return what it says."""
        return run(
            [str(Path(sys.executable).with_name("kubectl")), "--kubeconfig", str(self.home.kubeconfig), *arguments],
            self.folder,
        )


def run(command: list[str], folder: Path, more: Mapping[str, str] | None = None) -> str:
    """Run a command that nothing of this shell's settings decides over; raise CommandError where it fails."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("POORWILL_", "KUBECONFIG"))}
    # in a session of its own, so that Ctrl-C does not leave half of it
    done = subprocess.run(
        command,
        cwd=folder,
        env=kept | dict(more or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    if done.returncode:
        raise CommandError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
