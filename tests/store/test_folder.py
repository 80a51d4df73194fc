"""What only a folder can do wrong: cut-off writes, a full disk, links that lead elsewhere."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from poorwill.errors import ConflictError, UnavailableError
from poorwill.store.folder import FolderStore

KILLED = """
import os, sys
from pathlib import Path
from poorwill.store.folder import FolderStore

def die(descriptor):
    os._exit(9)

os.fsync = die
FolderStore(Path(sys.argv[1])).put("a/b", b"half of it")
"""


def test_a_writer_that_dies_leaves_nothing_but_a_temporary_file(tmp_path):
    store = FolderStore(tmp_path)
    store.put("a/b", b"whole")

    died = subprocess.run([sys.executable, "-c", KILLED, tmp_path], check=False)

    assert died.returncode == 9
    assert store.get("a/b").data == b"whole"
    assert [entry.key for entry in store.list("a/")] == ["a/b"]
    assert len(list(store.list("tmp/"))) == 1


def test_no_write_leaves_a_temporary_file_behind(tmp_path):
    store = FolderStore(tmp_path)
    store.put_if_absent("a", b"one")
    with pytest.raises(ConflictError):
        store.put_if_absent("a", b"two")
    store.put_if_match("a", b"two", store.get("a").etag)

    assert [entry.key for entry in store.list("")] == ["a"]


def test_every_write_is_on_the_disk_before_it_is_seen(tmp_path, monkeypatch):
    order = []
    real_fsync, real_replace = os.fsync, Path.replace

    def fsync(descriptor):
        order.append("fsync " + ("file" if os.path.isfile(f"/proc/self/fd/{descriptor}") else "folder"))  # noqa: PTH113
        real_fsync(descriptor)

    def replace(self, target):
        order.append("replace")
        return real_replace(self, target)

    store = FolderStore(tmp_path)
    store.put("a", b"one")
    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    store.put("a", b"two")

    assert order == ["fsync file", "replace", "fsync folder"]


def test_a_full_disk_is_told_without_a_trace_of_the_content(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "secret path")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(UnavailableError, match="found no space left on device") as caught:
        FolderStore(tmp_path).put("a", b"one")

    assert "secret" not in str(caught.value)


def test_a_folder_that_vanishes_is_away(tmp_path):
    store = FolderStore(tmp_path / "gone")

    with pytest.raises(UnavailableError, match="no folder there"):
        list(store.list("models/"))


def test_links_to_folders_elsewhere_are_not_listed(tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x").write_bytes(b"")
    store = FolderStore(tmp_path / "store")
    store.put("models/a", b"")
    (tmp_path / "store" / "models" / "link").symlink_to(tmp_path / "other")

    assert [entry.key for entry in store.list("")] == ["models/a"]
