"""Digests of API keys in files, such as a mounted Secret; apart, for pathlib is late to import."""

from pathlib import Path

from poorwill.errors import Fault, UsageError
from poorwill.serving.auth.api_keys import Digests, parse_digests


def read_digests(path: Path) -> Digests:
    """Return the digests in a file, or in a folder with a file for each name, as a Secret is mounted.

    Raises:
        UsageError: none to read, or what is there is something else.
    """
    where = "--api-keys-file (POORWILL_API_KEYS_FILE)"
    try:
        if not path.is_dir():
            return parse_digests(path.read_text("ascii"), where)
        files = sorted(file for file in path.iterdir() if not file.name.startswith("."))
        lines = [f"{file.name}={file.read_text('ascii').strip()}" for file in files]
    except (OSError, UnicodeDecodeError):
        raise UsageError(Fault(where, "a file or folder of keys' digests", "none to read", "check the path")) from None
    return parse_digests("\n".join(lines), where)


def file_version(path: Path) -> object:
    """Return what changes when a file is replaced, or a mounted Secret as a whole."""
    try:
        data = path / "..data"  # kubelet's link to what is in force
        found = (data if data.exists() else path).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
