"""What a predictor reads its model with: one GET an object, hashed while it arrives.

On the path to readiness: nothing may be imported here that the first GET does not need (no boto3, logging, pathlib).
"""

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter_ns

from poorwill.errors import CorruptError, Fault
from poorwill.store.faults import away, missing
from poorwill.store.location import Bucket, check_key, parse_location

Chunks = Callable[[str], Iterable[bytes]]
"""An object's bytes in pieces by its key; raises NotFoundError and UnavailableError."""

_CHUNK_BYTES = 4 << 20
_PIECES_AHEAD = 4  # that may wait to be hashed, so that a file of any size takes as much memory


class Reader:
    """Reads objects of a store; `verify_ns` is the time that hashing added to all that was fetched so far."""

    __slots__ = ("_chunks", "verify_ns")

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self.verify_ns = 0

    def get(self, key: str) -> bytes:
        """Return an object's bytes as they are."""
        return b"".join(self._chunks(key))

    def fetch(self, key: str, digest: str, size_bytes: int) -> bytes:
        """Return an object's bytes.

        Raises:
            CorruptError: they are not those of the digest (sha256:<hex>), or not as many.
        """
        return b"".join(self._verified(key, digest, size_bytes))

    def save(self, key: str, digest: str, size_bytes: int, path: str) -> None:
        """Write an object's bytes to a new file; raises as `fetch` does, and then the file is not to be used."""
        with open(path, "xb") as file:  # noqa: PTH123 - pathlib is kept off the start's path
            file.writelines(self._verified(key, digest, size_bytes))

    def _verified(self, key: str, digest: str, size_bytes: int) -> Iterator[bytes]:
        """Yield the pieces; raise after the last one where they are not what they should be."""
        hashing = _Hashing(beside=size_bytes > _CHUNK_BYTES)
        found_bytes = 0
        try:
            for chunk in self._chunks(key):
                found_bytes += len(chunk)
                if found_bytes > size_bytes:
                    break
                hashing.add(chunk)
                yield chunk
        finally:
            found = f"sha256:{hashing.finish()}"
            self.verify_ns += hashing.waited_ns
        if found_bytes != size_bytes:
            more = "more" if found_bytes > size_bytes else str(found_bytes)
            raise _corrupt(f"{size_bytes} bytes of {digest}", f"{more} bytes")
        if found != digest:
            raise _corrupt(digest, found)


class _Hashing:
    """A digest that grows; beside the reading for what is worth a thread, since hashing leaves the lock of Python."""

    __slots__ = ("_digest", "_pieces", "_room", "_thread", "waited_ns")

    def __init__(self, *, beside: bool) -> None:
        self._digest = hashlib.sha256()
        self._thread: threading.Thread | None = None
        self.waited_ns = 0
        if beside:
            from queue import SimpleQueue

            self._pieces: SimpleQueue[bytes] = SimpleQueue()
            self._room = threading.Semaphore(_PIECES_AHEAD)
            self._thread = threading.Thread(target=self._work, daemon=True)
            self._thread.start()

    def add(self, chunk: bytes) -> None:
        """Take the next piece."""
        if self._thread:
            self._room.acquire()
            self._pieces.put(chunk)
            return
        start_ns = perf_counter_ns()
        self._digest.update(chunk)
        self.waited_ns += perf_counter_ns() - start_ns

    def finish(self) -> str:
        """Return the digest of all pieces, in hex."""
        if self._thread:
            start_ns = perf_counter_ns()
            self._pieces.put(b"")
            self._thread.join()
            self.waited_ns += perf_counter_ns() - start_ns
        return self._digest.hexdigest()

    def _work(self) -> None:
        while chunk := self._pieces.get():
            self._digest.update(chunk)
            self._room.release()


def open_reader(url: str, *, timeout_seconds: float = 20.0) -> Reader:
    """Return the reader of a store.

    Args:
        url: a folder or a bucket; credentials come from the cloud's own variables, or from the pod.
        timeout_seconds: for an answer to begin, repeats included.
    """
    location = parse_location(url)
    return Reader(_folder_chunks(location) if isinstance(location, str) else _bucket_chunks(location, timeout_seconds))


def _folder_chunks(folder: str) -> Chunks:
    def chunks(key: str) -> Iterator[bytes]:
        try:
            with open(f"{folder}/{check_key(key)}", "rb", buffering=0) as file:  # noqa: PTH123 - as above
                while chunk := file.read(_CHUNK_BYTES):
                    yield chunk
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise missing() from None
        except OSError as error:
            raise away((error.strerror or "no reading").lower(), "check the folder and its permissions") from None

    return chunks


def _bucket_chunks(bucket: Bucket, timeout_seconds: float) -> Chunks:
    from poorwill.store.bucket import open_bucket, stream

    store = open_bucket(bucket, timeout_seconds)
    return lambda key: stream(store, bucket, check_key(key))


def _corrupt(wanted: str, found: str) -> CorruptError:
    advice = "run `poorwill verify`; push the model again"
    return CorruptError(Fault("blob", wanted, found, advice))
