"""A bucket of any cloud as store, by obstore; of S3 where variables say what boto3 would look for elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from poorwill.errors import NotFoundError
from poorwill.store.bucket import FAILURES, MANY, open_bucket, stream, told
from poorwill.store.faults import changed
from poorwill.store.location import Bucket, check_key
from poorwill.store.port import Entry, Stored

_TIMEOUT_SECONDS = 30.0
_PART_BYTES = 64 << 20
_S3_REPEATS = 2
"""As boto3's standard mode has it."""


class CloudStore:
    """Keeps each object under its key in a bucket of any cloud with conditional writes."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        repeats = _S3_REPEATS if bucket.scheme == "s3" else MANY
        self._store = open_bucket(bucket, _TIMEOUT_SECONDS, repeats=repeats)
        # a write that arrived, but whose answer was lost, would meet itself when sent again
        self._once = open_bucket(bucket, _TIMEOUT_SECONDS, repeats=0)

    def get(self, key: str) -> Stored:
        """Return an object."""
        with self._told():
            answer = self._store.get(self._key(key))
            return Stored(bytes(answer.bytes()), _tag(answer.meta))

    def stream(self, key: str) -> Iterator[bytes]:
        """Yield an object's bytes."""
        return stream(self._store, self._bucket, check_key(key))

    def list(self, prefix: str) -> Iterator[Entry]:
        """Yield the objects whose keys begin so."""
        # the clouds' own prefixes are whole folders to obstore, so the last segment is compared here
        folder, _, _ = (self._bucket.prefix + prefix).rpartition("/")
        with self._told():
            for page in self._store.list(folder or None):
                for meta in page:
                    key = meta["path"].removeprefix(self._bucket.prefix)
                    if meta["path"].startswith(self._bucket.prefix + prefix):
                        yield Entry(key, meta["size"], meta["last_modified"].timestamp())

    def put(self, key: str, source: bytes | Path) -> None:
        """Write an object, over one that is there; a big file goes up in parts that only become one when all are up."""
        with self._told():
            size_bytes = source.stat().st_size if isinstance(source, Path) else len(source)
            # for parts obstore makes room for a whole one, which takes 5 ms however small the object is
            parts = size_bytes > _PART_BYTES
            self._store.put(self._key(key), source, use_multipart=parts, chunk_size=_PART_BYTES)

    def put_if_absent(self, key: str, data: bytes) -> str:
        """Write an object where there is none."""
        with self._told():
            return _tag(self._once.put(self._key(key), data, mode="create", use_multipart=False))

    def put_if_match(self, key: str, data: bytes, etag: str) -> str:
        """Write over the object of that tag."""
        path = self._key(key)
        try:
            version = msgspec.json.decode(etag, type=dict[str, str])
        except msgspec.DecodeError:  # a tag that no object ever had
            raise changed() from None
        try:
            with self._told():
                return _tag(self._once.put(path, data, mode=version, use_multipart=False))
        except NotFoundError:
            raise changed() from None

    def delete(self, key: str) -> None:
        """Delete an object."""
        try:
            with self._told():
                self._store.delete(self._key(key))
        except NotFoundError:
            return

    def _key(self, key: str) -> str:
        return self._bucket.prefix + check_key(key)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except FAILURES as error:
            raise told(error, self._bucket) from None


def _tag(meta: Any) -> str:
    """Return what tells an object from its next: Azure has tags, Google generations."""
    parts = {"e_tag": meta.get("e_tag"), "version": meta.get("version")}
    return msgspec.json.encode({name: value for name, value in parts.items() if value}).decode()
