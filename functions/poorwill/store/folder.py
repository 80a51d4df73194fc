"""A folder as store: every write is a rename or a link of a file that is already on the disk."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from uuid import uuid4

from poorwill.errors import UnavailableError
from poorwill.store.faults import away, changed, missing
from poorwill.store.location import check_key
from poorwill.store.port import Entry, Stored

_CHUNK_BYTES = 1 << 20
_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR)


class FolderStore:
    """Keeps each object in a file of its key's name; processes and threads may share the folder.

    A write that was cut off leaves a file under `tmp/`, where `gc` finds it.
    """

    def __init__(self, root: Path, *, create: bool = False) -> None:
        self._root = root
        with _told():
            if create:
                _make_folder(root)

    def get(self, key: str) -> Stored:
        """Return an object."""
        with _told():
            data = self._path(key).read_bytes()
        return Stored(data, _etag(data))

    def stream(self, key: str) -> Iterator[bytes]:
        """Yield an object's bytes."""
        with _told(), self._path(key).open("rb", buffering=0) as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk

    def list(self, prefix: str) -> Iterator[Entry]:
        """Yield the objects whose keys begin so."""
        folder = prefix.rpartition("/")[0]
        top = self._path(folder) if folder else self._root
        with _told():
            if not self._root.is_dir():
                raise away("no folder there", "check --store (POORWILL_STORE)")
            yield from _entries(str(top), f"{folder}/" if folder else "", prefix)

    def put(self, key: str, source: bytes | Path) -> None:
        """Write an object, over one that is there."""
        path = self._path(key)
        with _told(), self._temporary(source) as temporary:
            _make_folder(path.parent)
            temporary.replace(path)
            _sync_folder(path.parent)

    def put_if_absent(self, key: str, data: bytes) -> str:
        """Write an object where there is none: a link is made once, whoever asks at the same time."""
        path = self._path(key)
        with _told(), self._temporary(data) as temporary:
            _make_folder(path.parent)
            try:
                path.hardlink_to(temporary)
            except FileExistsError:
                raise changed() from None
            _sync_folder(path.parent)
        return _etag(data)

    def put_if_match(self, key: str, data: bytes, etag: str) -> str:
        """Write over the object of that tag; a lock on the whole store stands between reading and writing."""
        path = self._path(key)
        with _told(), self._locked():
            try:
                found = _etag(path.read_bytes())
            except FileNotFoundError:
                raise changed() from None
            if found != etag:
                raise changed()
            self.put(key, data)
        return _etag(data)

    def delete(self, key: str) -> None:
        """Delete an object."""
        path = self._path(key)
        with _told():
            path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    @contextmanager
    def _temporary(self, source: bytes | Path) -> Iterator[Path]:
        """Yield a file with the content, safe on the disk; remove it where it was not moved away."""
        folder = self._root / "tmp"
        _make_folder(folder)
        path = folder / uuid4().hex
        try:
            with path.open("xb") as file:
                if isinstance(source, bytes):
                    file.write(source)
                else:
                    with source.open("rb") as original:
                        shutil.copyfileobj(original, file, _CHUNK_BYTES)
                file.flush()
                os.fsync(file.fileno())
            yield path
        finally:
            path.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._root / ".lock").open("ab") as lock:
            flock(lock, LOCK_EX)  # let go when the file is closed, also by a process that dies
            yield


@contextmanager
def _told() -> Iterator[None]:
    """Turn the system's errors into the house's; the system's text names no content."""
    try:
        yield
    except OSError as error:
        if error.errno in _ABSENT:
            raise missing() from None
        raise _unusable(error) from error


def _unusable(error: OSError) -> UnavailableError:
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    return away(reason.lower(), "check the folder's disk, its permissions, and that it allows hard links")


def _entries(folder: str, above: str, prefix: str) -> Iterator[Entry]:
    """Yield what lies under a folder, whose keys begin with `above`: names and ages alone, for lists are long."""
    asked = prefix[len(above) :]  # of this folder's names
    try:
        with os.scandir(folder) as found:  # most of many may be others
            within = [entry for entry in found if entry.name.startswith(asked) or asked.startswith(f"{entry.name}/")]
    except FileNotFoundError:  # none of that name, or deleted since it was listed
        return
    for entry in sorted(within, key=lambda entry: entry.name):
        key = above + entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(entry.path, f"{key}/", prefix)
        elif key.startswith(prefix) and not entry.name.startswith(".") and entry.is_file(follow_symlinks=False):
            yield from _entry(key, entry)


def _entry(key: str, entry: os.DirEntry[str]) -> Iterator[Entry]:
    try:
        found = entry.stat(follow_symlinks=False)
    except FileNotFoundError:  # deleted since it was listed
        return
    yield Entry(key, found.st_size, found.st_mtime)


def _etag(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, so that they outlive a power cut."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
