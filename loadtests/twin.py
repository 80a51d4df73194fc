"""A twin of its own for load: on free ports of the loopback, in a folder that goes with it; nothing is left behind."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Self

from loadtests.deployed import Deployed
from poorwill.delivery.cluster import Cluster
from poorwill.delivery.kubeconfig import Source
from poorwill.local.folder import TwinFolder

ROOT = Path(__file__).parents[1]
HOST_HEADER = "{model}.default.poorwill.localhost"
BROKER_HEADER = "broker-ingress.knative-eventing.svc.cluster.local"


class LoadTwin:
    """A running twin; a context that ends it.

    Args:
        folder: that it may fill.
        store: URL of where versions are; "" is a folder of its own.
    """

    def __init__(self, folder: Path, store: str = "") -> None:
        self.folder, self.home = folder, TwinFolder(folder / ".poorwill")
        self._start(0)
        running = self.home.running()
        if running is None:
            raise SystemExit("load: wanted the twin that was just started, found none")
        self.port = running.port
        self.url = f"http://127.0.0.1:{running.port}"
        self.kubeconfig = self.home.kubeconfig
        self.cluster = Cluster.connect(Source(self.kubeconfig, twin=True))
        self.deployed = Deployed(self.cluster, store or str(folder / "store"), folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cluster.close()
        self._command("down")

    def _start(self, port: int) -> None:
        """Start it on a port, 0 for a free one, and return when it is up."""
        self._command("up", "--detach", "--port", str(port))

    def _command(self, *arguments: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("POORWILL_", "KUBECONFIG"))}
        command = [sys.executable, "-m", "poorwill", *arguments]
        # in a session of its own, so that Ctrl-C does not cut it short
        done = subprocess.run(
            command, cwd=self.folder, env=kept, capture_output=True, text=True, check=False, start_new_session=True
        )
        if done.returncode:
            raise SystemExit(f"load: poorwill {' '.join(arguments)}: {done.stderr}")
