"""A twin as the ground of a side: images are folders that it starts processes from, and what serves is a child."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from loadtests.bench import processes
from loadtests.bench.twin.ground import ENVOY, Ground, Twin, variables_of
from loadtests.comparison.ground import Made, Weight, run
from loadtests.comparison.image_build import ImageBuild
from poorwill.local.folder import TwinFolder
from poorwill.local.pods.images import Images


class TwinPlace(Twin):
    """A running twin with a folder of its own; a context that ends it.

    Args:
        ground: see Ground; its sample is not asked here.
        build: how images are built beside; None where nothing here can, and that time is left out.
    """

    image = ""
    patience_seconds = 12.0

    def __init__(self, ground: Ground, build: ImageBuild | None) -> None:
        ground.folder.mkdir()
        try:
            super().__init__(ground, ENVOY)
        except BaseException:  # Ctrl-C among them: one that is up by then must not stay
            with suppress(subprocess.CalledProcessError):
                self._command("down")
            raise
        self.folder = ground.folder / ENVOY
        self.gateway = f"127.0.0.1:{self.running.port}"
        self.store = str(ground.store)
        self._build = build
        self._home = TwinFolder(self.folder / ".poorwill")
        self._images = Images(self._home.path / "images")

    def command(self, *arguments: str) -> str:
        """Give one of Poorwill's commands, and return what it says."""
        return run([str(self.ground.bin / "poorwill"), *arguments], self.folder)

    def kubectl(self, *arguments: str) -> str:
        """Give one of kubectl's commands, and return what it says."""
        kubectl = str(Path(sys.executable).with_name("kubectl"))
        return run([kubectl, "--kubeconfig", str(self._home.kubeconfig), *arguments], self.folder)

    def make_image(self, folder: Path) -> Made:
        """Build it for its time alone; what the twin runs is a copy of the folder, which stands for the pull."""
        name = f"localhost/{folder.name}"
        steps = {"build": self._build.build(folder, f"{name}:1") if self._build else 0.0}
        return Made(f"{name}@{self._images.register(f'{name}:1', folder)}", steps)

    def kill(self, revision: str) -> None:
        """Send SIGKILL to the process."""
        pid = next(pid for pid in self.functions if variables_of(pid).get("K_REVISION", "").startswith(revision))
        os.kill(pid, signal.SIGKILL)

    def weigh(self) -> Weight:
        """Return how many processes serve, and their proportional set size."""
        found = self.functions
        return Weight(len(found), sum(processes.pss_mb(pid) for pid in found))
