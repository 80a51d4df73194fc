"""What the twin knows: Kubernetes objects in one SQLite file, and the changes that led there, for who watches.

One process and one thread use it. Nothing is cached: two hundred services at rest cost the disk, not the memory.
"""

import secrets
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import msgspec

from poorwill.errors import ConflictError, Fault, NotFoundError, UnavailableError
from poorwill.kinds.kind import EVENT, POD, Key, Kind, Object, key_of, kind_of
from poorwill.local.database import open_alone
from poorwill.local.fence import Fence
from poorwill.local.object_life import begun, comparable, held, marked_for_deletion, sooner, with_content, with_status

KEPT_CHANGES = 1000
"""How many changes a watch can reach back; Kubernetes keeps five minutes of them."""

_FOLLOWING = frozenset({EVENT, POD})  # from what else there is; a twin begins without pods
_NAME_LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # k8s.io/apimachinery/pkg/util/rand: no vowels, so no words
_SUFFIX_LENGTH, _LONGEST_PREFIX, _NAME_TRIES = 5, 58, 8

_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (kind, namespace, name)
);
CREATE TABLE IF NOT EXISTS changes (version INTEGER PRIMARY KEY, type TEXT NOT NULL, body BLOB NOT NULL, old BLOB);
"""


class Change(NamedTuple):
    """One change of one object. Listeners share it, so none may change what is in it."""

    type: str  # ADDED, MODIFIED or DELETED
    object: Object  # as it is since then, or as it last was
    version: int
    old: Object | None = None  # as it was before; None where it was not


Objects = list[Object]
Changes = list[Change]


class AlreadyExistsError(ConflictError):
    """A new object whose name is taken."""


class ExpiredError(NotFoundError):
    """A version that is further back than the changes that are kept, or that never was."""

    status = 410


class State:
    """All objects, with the rules of Kubernetes for versions, generations, status and finalizers.

    `get` and `list` return copies. A method that returned wrote to the disk, but for status, Pods and Events, which
    reach it with the next other change: they follow from the rest, and outlive the process in any case. One that the
    disk did not take raises UnavailableError, and wrote nothing.
    """

    def __init__(self, path: Path, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = open_alone(path, _SCHEMA, what="the twin's state", without_it="the twin then starts empty")
        self._now = now
        self._listeners: list[Callable[[Change], None]] = []
        self._news: deque[Change] = deque()
        self._telling = False
        self._fence = Fence("hearing of a change")
        newest = self._database.execute("SELECT max(version) FROM changes").fetchone()[0]
        self.version: int = newest or 1  # 0 means "any" to Kubernetes

    def get(self, key: Key) -> Object | None:
        """Return an object, or None where there is none."""
        query = "SELECT body FROM objects WHERE kind = ? AND namespace = ? AND name = ?"
        row = self._database.execute(query, _place(key)).fetchone()
        return _decoded(row[0]) if row else None

    def list(self, kind: Kind, namespace: str = "") -> Objects:
        """Return the objects of a kind, of one namespace or ("") all, in the order of namespaces and names."""
        return list(self.each(kind, namespace))

    def each(
        self,
        kind: Kind,
        namespace: str = "",
        *,
        after: tuple[str, str] = ("", ""),
        holding: Sequence[bytes] = (),
        shallow: bool = False,
    ) -> Iterator[Object]:
        """Yield what `list` returns, one after the other; nothing may be written meanwhile.

        Args:
            kind: of the objects.
            namespace: that they are in.
            after: namespace and name, which only later ones are wanted from.
            holding: bytes that an object's JSON has where it is wanted, so that others need not be read.
            shallow: whether all but the metadata may stay JSON (msgspec.Raw), for who only passes it on.
        """
        query = (
            "SELECT body FROM objects WHERE kind = ? AND ? IN ('', namespace) AND (namespace, name) > (?, ?)"
            " ORDER BY namespace, name"
        )
        decoded = _shallow if shallow else _decoded
        for (body,) in self._database.execute(query, (_label(kind), namespace, *after)):
            if all(each in body for each in holding):
                yield decoded(body)

    def create(self, obj: Object, *, dry_run: bool = False) -> Object:
        """Add an object and return it with uid, time, version and, from `generateName`, its name.

        With `dry_run` this and the other two that write do everything but that.
        """
        new = begun(self._named(obj), str(uuid4()), self._timestamp())
        return new if dry_run else self._write("ADDED", new, None)

    def update(self, obj: Object, *, status: bool = False, dry_run: bool = False) -> Object:
        """Write an object's status, or (`status` False) all but its status, and return what is there then.

        Where it carries a resourceVersion, that must still be the object's. Nothing is written if nothing changed.
        The last finalizer that goes takes an object with it that was to be deleted.
        """
        key = key_of(obj)
        live = self._live(key)
        _check(key.kind, live["metadata"], obj["metadata"])
        new = with_status(live, obj) if status else with_content(key.kind, live, obj)
        if comparable(new) == comparable(live):
            return live
        if dry_run:
            return new
        if "deletionTimestamp" in new["metadata"] and not held(new):
            return self._write("DELETED", new, live)
        return self._write("MODIFIED", new, live, durable=not status)

    def delete(self, key: Key, *, grace_seconds: int | None = None, dry_run: bool = False) -> Object:
        """Delete an object, or mark it for deletion while it has finalizers; return it as it last was, or is.

        A Pod's processes get so many seconds to end, where less than its own.
        """
        live = self._live(key)
        if dry_run:
            return live
        if not held(live):
            return self._write("DELETED", live, live)
        if "deletionTimestamp" in live["metadata"]:
            new = sooner(live, grace_seconds)
            return self._write("MODIFIED", new, live) if new else live
        return self._write("MODIFIED", marked_for_deletion(live, self._timestamp(), grace_seconds), live)

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call a listener after each change from now on, in order, and return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def since(self, version: int) -> Changes:
        """Return the changes after a version; ExpiredError where they are not all kept, or that version never was."""
        oldest = self._database.execute("SELECT min(version) FROM changes").fetchone()[0] or self.version + 1
        if not oldest - 1 <= version <= self.version:
            kept = Fault("resourceVersion", f"{oldest - 1} to {self.version}", "another", "list again, and watch on")
            raise ExpiredError(kept)
        query = "SELECT type, body, version, old FROM changes WHERE version > ? ORDER BY version"
        return [
            Change(type_, _decoded(body), number, _decoded(old) if old else None)
            for type_, body, number, old in self._database.execute(query, (version,))
        ]

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _named(self, obj: Object) -> Object:
        """Return the object under a name that is free: its own, or one made from `generateName`."""
        prefix = "" if obj["metadata"].get("name") else obj["metadata"]["generateName"]
        for _ in range(_NAME_TRIES if prefix else 1):
            suffix = "".join(secrets.choice(_NAME_LETTERS) for _ in range(_SUFFIX_LENGTH))
            metadata = {**obj["metadata"], "name": prefix[:_LONGEST_PREFIX] + suffix} if prefix else obj["metadata"]
            named = {**obj, "metadata": metadata}
            if self.get(key_of(named)) is None:
                return named
        raise AlreadyExistsError(_fault(kind_of(obj), "a name that is free", "one that is taken"))

    def _live(self, key: Key) -> Object:
        live = self.get(key)
        if live is None:
            raise NotFoundError(_fault(key.kind, "one that is there", "none of that name"))
        return live

    def _timestamp(self) -> str:
        return self._now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def _write(self, type_: str, obj: Object, old: Object | None, *, durable: bool = True) -> Object:
        version, key = self.version + 1, key_of(obj)
        new = {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(version)}}
        body = msgspec.json.encode(new)
        with self._transaction(durable=durable and key.kind not in _FOLLOWING) as database:
            if type_ == "DELETED":
                database.execute("DELETE FROM objects WHERE kind = ? AND namespace = ? AND name = ?", _place(key))
            else:
                database.execute("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)", (*_place(key), body))
            was = msgspec.json.encode(old) if old else None
            database.execute("INSERT INTO changes VALUES (?, ?, ?, ?)", (version, type_, body, was))
            database.execute("DELETE FROM changes WHERE version <= ?", (version - KEPT_CHANGES,))
        self.version = version
        self._tell(Change(type_, _decoded(body), version, _decoded(was) if was else None))
        return new  # which shares nothing with what the listeners keep

    @contextmanager
    def _transaction(self, *, durable: bool) -> Iterator[sqlite3.Connection]:
        try:
            self._database.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._database.execute("BEGIN IMMEDIATE")
            yield self._database
            self._database.execute("COMMIT")
        except BaseException as error:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError):
                raise _unwritten() from error
            raise

    def _tell(self, change: Change) -> None:
        """Tell the listeners; what they change in turn is told after that, so all hear all in order."""
        self._news.append(change)
        if self._telling:
            return
        self._telling = True
        try:
            while self._news:
                news = self._news.popleft()
                for listener in tuple(self._listeners):
                    with self._fence.around(listener):  # it is written: who hears of it can't undo that
                        listener(news)
        finally:
            self._telling = False


def _label(kind: Kind) -> str:
    return f"{kind.api_version}/{kind.kind}"


def _place(key: Key) -> tuple[str, str, str]:
    return _label(key.kind), key.namespace, key.name


def _shallow(body: bytes) -> Object:
    obj: Object = _PARTS.decode(body)
    obj["metadata"] = msgspec.json.decode(obj["metadata"])
    return obj


def _decoded(body: bytes) -> Object:
    obj: Object = msgspec.json.decode(body)
    return obj


def _fault(kind: Kind, wanted: str, found: str) -> Fault:
    return Fault(f"{kind.plural}, metadata.name", wanted, found, "see what is there with kubectl get")


def _unwritten() -> UnavailableError:
    found = "one that is full, or can't be written"
    return UnavailableError(Fault("the twin's state", "a disk that takes it", found, "make room; nothing was written"))


def _check(kind: Kind, live: Object, wanted: Object) -> None:
    """Raise ConflictError where the caller meant another object, or an older one."""
    for name in ("uid", "resourceVersion"):
        if wanted.get(name) and wanted[name] != live[name]:
            retry = "read it again, change that, and try once more"
            raise ConflictError(Fault(f"{kind.plural}, metadata.{name}", "that of the object", "another", retry))
