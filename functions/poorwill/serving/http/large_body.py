"""A large body whose length is known goes from the socket to where the model reads it, without a copy between."""

import socket
from sys import getrefcount
from typing import TYPE_CHECKING

from poorwill.serving.http.head import Head
from poorwill.serving.message import HEADER_LENGTH

if TYPE_CHECKING:
    import numpy as np

LARGE_BYTES = 131_072  # that have come before memory for all is set aside, so that a claimed length alone takes none
_AT_ONCE_BYTES = 524_288  # then other connections get their turn
_KEPT_BYTES = 16_777_216
_ALIGNMENT_BYTES = 64  # of what follows the JSON part; a tensor at an odd address would have to be copied


class Rooms:
    """Memory for bodies; the last is kept for the next, as the system would clear each page that it takes back."""

    __slots__ = ("_kept", "_references")

    def __init__(self) -> None:
        self._kept: np.ndarray | None = None
        self._references = 0  # to the kept memory while nothing else reads it; each view of it holds one more

    def take(self, size_bytes: int) -> "np.ndarray":
        """Return memory of at least this size, which nothing else reads."""
        if self._kept is not None and self._kept.size >= size_bytes and getrefcount(self._kept) == self._references:
            return self._kept
        import numpy as np  # which a model needs anyway; a bytearray would be filled with zeros first

        if size_bytes > _KEPT_BYTES:
            return np.empty(size_bytes, np.uint8)
        self._kept = np.empty(size_bytes, np.uint8)
        self._references = getrefcount(self._kept)
        return self._kept


class LargeBody:
    """Memory for a whole body, and how much of it has come; pages that nothing came into yet take no memory."""

    __slots__ = ("_room", "body")

    def __init__(self, head: Head, begun: bytearray) -> None:
        room = _rooms.take(head.length_bytes + _ALIGNMENT_BYTES)
        start = -(room.ctypes.data + _json_bytes(head)) % _ALIGNMENT_BYTES
        self.body = room.data[start : start + head.length_bytes]
        self.body[: len(begun)] = begun
        self._room = self.body[len(begun) :]

    @property
    def is_whole(self) -> bool:
        """Tell whether all of it has come."""
        return not self._room

    def receive(self, client: socket.socket) -> int:
        """Take what came next; return how many bytes, 0 for the end of the stream."""
        got = client.recv_into(self._room[:_AT_ONCE_BYTES])
        self._room = self._room[got:]
        return got


_rooms = Rooms()  # of the process, for its one loop


def _json_bytes(head: Head) -> int:
    """Return how much JSON comes before the tensors, as far as the head says it in a way that can be believed."""
    said = head.headers.get(HEADER_LENGTH, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < len(str(2**63)) else 0
