"""What the registry needs of a store: whole objects, conditional writes, and ages; any adapter passes one contract."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol


class Stored(NamedTuple):
    """An object's bytes, and the tag that tells whether it was changed since."""

    data: bytes
    etag: str


class Entry(NamedTuple):
    """One object in a listing; `modified_seconds` is the store's own clock, since 1970."""

    key: str
    size_bytes: int
    modified_seconds: float


class ObjectStore(Protocol):
    """Holds objects by key; a write is whole or not at all, also when the process dies.

    Every method raises UnavailableError when the store is away, refuses access, or is not there.
    """

    def get(self, key: str) -> Stored:
        """Return an object; raise NotFoundError where there is none."""

    def stream(self, key: str) -> Iterator[bytes]:
        """Yield an object's bytes in pieces; raise NotFoundError where there is none."""

    def list(self, prefix: str) -> Iterator[Entry]:
        """Yield the objects whose keys begin so, in no order."""

    def put(self, key: str, source: bytes | Path) -> None:
        """Write an object, over one that is there."""

    def put_if_absent(self, key: str, data: bytes) -> str:
        """Write an object and return its tag; raise ConflictError where there is one."""

    def put_if_match(self, key: str, data: bytes, etag: str) -> str:
        """Write over the object of that tag, return the new one; raise ConflictError where there is another or none."""

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there is no error."""
