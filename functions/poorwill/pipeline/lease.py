"""A lease on a step's key: it saves doing work twice, and nothing that must be right rests on it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import msgspec

from poorwill.errors import ConflictError, NotFoundError, PoorwillError
from poorwill.pipeline.keys import lease_key
from poorwill.registry.lookup import decode_record
from poorwill.registry.records import encode_record
from poorwill.store.port import ObjectStore

Clock = Callable[[], float]
"""Seconds since 1970."""

_PARTS = 3  # a lease is renewed so often in its time


class LeaseRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Who works on a key, and until when the others leave it alone."""

    format: int = 1
    key: str
    holder: str
    run: str
    until_seconds: float  # since 1970, by the holder's clock; 0 is one that was given back


class Lease:
    """A lease that was got; lost without a word where another's clock says that it has expired."""

    def __init__(self, store: ObjectStore, record: LeaseRecord, etag: str, lease_seconds: float, clock: Clock) -> None:
        self._store, self._record, self._etag = store, record, etag
        self._lease_seconds, self._clock = lease_seconds, clock

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Renew the lease beside the work, and give it back afterwards."""
        stop = threading.Event()
        thread = threading.Thread(target=self._keep, args=(stop,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            self._write(0.0)

    def _keep(self, stop: threading.Event) -> None:
        while not stop.wait(self._lease_seconds / _PARTS):
            self._write(self._clock() + self._lease_seconds)

    def _write(self, until_seconds: float) -> None:
        record = msgspec.structs.replace(self._record, until_seconds=until_seconds)
        with suppress(PoorwillError):  # another has it, or the store is away: the results decide
            self._etag = self._store.put_if_match(lease_key(record.key), encode_record(record), self._etag)


def take_lease(
    store: ObjectStore, key: str, run: str, holder: str, *, lease_seconds: float, clock: Clock
) -> Lease | float:
    """Return the lease on a key, or for how many seconds another still has it."""
    record = LeaseRecord(key=key, holder=holder, run=run, until_seconds=clock() + lease_seconds)
    data = encode_record(record)
    try:
        etag = store.put_if_absent(lease_key(key), data)
    except ConflictError:
        try:
            found = store.get(lease_key(key))
            held = decode_record(found.data, LeaseRecord)
            # a clock that runs ahead can't hold a key for longer than its lease
            left_seconds = min(held.until_seconds - clock(), lease_seconds)
            if left_seconds > 0:
                return left_seconds
            etag = store.put_if_match(lease_key(key), data, found.etag)
        except (ConflictError, NotFoundError):  # another was quicker, or `gc` had it
            return 0.0
    return Lease(store, record, etag, lease_seconds, clock)
