"""The files that Envoy reads: each is put in place at once, as Envoy watches for the renaming."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from poorwill.local.path import envoy_config
from poorwill.local.path.backend import Backend
from poorwill.local.path.envoy_config import ASIDE_VERSION, Layout
from poorwill.local.path.envoy_listener import Config
from poorwill.local.path.table import Table
from poorwill.local.revision import RevisionKey


class Files:
    """One Envoy's folder; what an earlier one left there is removed.

    Args:
        folder: for files and sockets, closed to others; None makes a temporary one.
    """

    def __init__(self, folder: Path | None) -> None:
        if folder is None:
            folder = Path(tempfile.mkdtemp(prefix="poorwill-"))
        else:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
        self.layout = Layout(folder, f"{secrets.token_hex(16)}.invalid")
        self._descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)

    def reach(self, name: str) -> str:
        """Return a path to a socket in the folder: the kernel takes 107 bytes at most, and a folder may lie deeper."""
        return f"/proc/self/fd/{self._descriptor}/{name}"

    def begin(self, port: int) -> None:
        """Write what Envoy starts with: nobody is awake."""
        self._write(self.layout.folder / "bootstrap.json", envoy_config.bootstrap(self.layout, port))
        self._write(self.layout.aside, _discovery_of_routes(Table(), {}, self.layout, ASIDE_VERSION))
        self.clusters({}, 0, "")
        self.stand_aside()

    def clusters(self, backends: Mapping[RevisionKey, Backend], queue_limit: int, version: str) -> None:
        """Write which revisions there are."""
        clusters = envoy_config.clusters(backends, self.layout, queue_limit)
        self._write(self.layout.clusters, envoy_config.discovery(version, clusters))

    def endpoints(self, revision: RevisionKey, backend: Backend, version: str) -> None:
        """Write a revision's processes."""
        assignment = envoy_config.endpoints(revision, backend.endpoints, self.layout)
        self._write(self.layout.endpoints(revision), envoy_config.discovery(version, [assignment]))

    def routes(self, table: Table, backends: Mapping[RevisionKey, Backend], version: str) -> None:
        """Write which hosts lead to which of these revisions."""
        self._write(self.layout.routes, _discovery_of_routes(table, backends, self.layout, version))

    def stand_aside(self) -> None:
        """Leave all hosts to the activator, which takes no room: that table was written at the start."""
        draft = self.layout.aside.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        os.link(self.layout.aside, draft)
        draft.rename(self.layout.routes)

    def forget(self, revision: RevisionKey) -> None:
        """Remove what was written of a revision's processes."""
        self.layout.endpoints(revision).unlink(missing_ok=True)

    def remove(self) -> None:
        """Leave nothing behind."""
        os.close(self._descriptor)
        shutil.rmtree(self.layout.folder, ignore_errors=True)

    def _write(self, path: Path, config: Config) -> None:
        draft = path.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(config))
        draft.rename(path)


def _discovery_of_routes(table: Table, backends: Mapping[RevisionKey, Backend], layout: Layout, version: str) -> Config:
    return envoy_config.discovery(version, [envoy_config.routes(table, backends, layout, version)])
