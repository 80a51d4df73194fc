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
    """

    def __init__(self, folder: Path) -> None:
        self._folder, twin = folder, TwinFolder(folder / ".poorwill")
        self._command("up", "--detach", "--port", "0")
        running = twin.running()
        if running is None:
            raise SystemExit("load: wanted the twin that was just started, found none")
        self.url = f"http://127.0.0.1:{running.port}"
        self.kubeconfig = twin.kubeconfig
        self._cluster = Cluster.connect(Source(self.kubeconfig, twin=True))
        self.deployed = Deployed(self._cluster, str(folder / "store"), folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._cluster.close()
        self._command("down")

    def _command(self, *arguments: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("POORWILL_", "KUBECONFIG"))}
        command = [sys.executable, "-m", "poorwill", *arguments]
        # in a session of its own, so that Ctrl-C does not cut it short
        done = subprocess.run(
            command, cwd=self._folder, env=kept, capture_output=True, text=True, check=False, start_new_session=True
        )
        if done.returncode:
            raise SystemExit(f"load: poorwill {' '.join(arguments)}: {done.stderr}")
