"""Events and who still waits for them, on the disk: the one queue there is.

One thread has the file. What is written while it waits for the disk goes there together, in the order of the calls;
whoever wrote is told after that.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import chain, count
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple

from poorwill.errors import Fault, UnavailableError
from poorwill.events.event import Event
from poorwill.local.database import open_alone
from poorwill.local.eventing.event_record import packed, unpacked
from poorwill.local.eventing.letter import DeadLetter, Letter, Stage

DEAD_LETTERS_KEPT = 1000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, body BLOB NOT NULL, origin BLOB);
CREATE TABLE IF NOT EXISTS deliveries (
    event INTEGER NOT NULL, subscription TEXT NOT NULL, stage INTEGER NOT NULL, attempt INTEGER NOT NULL,
    due REAL NOT NULL, PRIMARY KEY (event, subscription)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS waiting ON deliveries (subscription, due, event);
CREATE TABLE IF NOT EXISTS dead_letters (
    number INTEGER PRIMARY KEY, time REAL NOT NULL, subscription TEXT NOT NULL, id TEXT NOT NULL, source TEXT NOT NULL,
    type TEXT NOT NULL, status INTEGER NOT NULL, sink TEXT NOT NULL
);
"""
_ADD_EVENT = "INSERT INTO events VALUES {rows}"
_ADD_DELIVERY = "INSERT INTO deliveries VALUES {rows}"
_POSTPONE = (
    "UPDATE deliveries SET attempt = new.column3, due = new.column4 FROM (VALUES {rows}) AS new"
    " WHERE event = new.column1 AND subscription = new.column2"
)
_REMOVE = "DELETE FROM deliveries WHERE (event, subscription) IN (VALUES {rows})"
_REMOVE_EVENT = "DELETE FROM events WHERE id IN (VALUES {rows})"
_REMOVE_UNAWAITED = (
    "DELETE FROM events WHERE id IN (VALUES {rows}) AND NOT EXISTS (SELECT 1 FROM deliveries WHERE event = id)"
)
_NOTE = "INSERT INTO dead_letters (time, subscription, id, source, type, status, sink) VALUES {rows}"
_COLUMNS = {_ADD_EVENT: 3, _ADD_DELIVERY: 5, _POSTPONE: 4, _REMOVE: 2, _REMOVE_EVENT: 1, _REMOVE_UNAWAITED: 1, _NOTE: 7}
"""The statements in the order in which rows go, with how many values a row of each has."""

_ROWS = (64, 8, 1)
"""Rows that one statement takes: at each, the interpreter may give way to the other thread and wait to come back."""

_TOGETHER = 4096  # entries in one transaction
_LOADED_BYTES = 8_388_608

Then = Callable[[Any, UnavailableError | None], None]
"""Told on the loop's thread, once it is on the disk or in vain: the result, and the error."""

Task = Callable[[sqlite3.Connection], Any]
"""Something done with the file that is no entry."""


class Loaded(NamedTuple):
    """Letters that are due, and what is left."""

    letters: list[Letter]
    is_all: bool
    next_due_seconds: float | None  # when the first is due of those that are not yet


class Entry:
    """Rows that are written together or not at all."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: list[tuple[str, tuple[Any, ...]]] = []

    def postpone(self, letter: Letter, attempt: int, due_seconds: float) -> None:
        """Have a letter tried again, not before a time."""
        self.rows.append((_POSTPONE, (letter.event_id, letter.subscription, attempt, due_seconds)))

    def remove(self, letter: Letter) -> None:
        """Take a letter out, and its event with the last one."""
        self.rows.append((_REMOVE, (letter.event_id, letter.subscription)))
        self.rows.append((_REMOVE_UNAWAITED if letter.is_shared else _REMOVE_EVENT, (letter.event_id,)))

    def note(self, dead_letter: DeadLetter) -> None:
        """Write down what is known of an event that did not arrive."""
        self.rows.append((_NOTE, dead_letter))


class Journal:
    """The file, its thread, and numbers for new events.

    Raises:
        ConflictError: another twin has it.
        CorruptError: it is something else.
    """

    def __init__(self, path: Path) -> None:
        lost = "events that were not delivered yet are lost with it"
        self._database = open_alone(path, _SCHEMA, what="the journal of events", without_it=lost)
        self._database.execute("PRAGMA synchronous = FULL")
        newest = self._database.execute("SELECT max(id) FROM events").fetchone()[0]
        self._numbers = count((newest or 0) + 1)
        self._loop = asyncio.get_running_loop()
        self._fresh: list[tuple[Entry | Task, Then]] = []
        self._calls: SimpleQueue[list[tuple[Entry | Task, Then]] | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="poorwill-journal", daemon=True)
        self._thread.start()

    def add(
        self,
        entry: Entry,
        event: Event,
        subscriptions: Sequence[str],
        *,
        due_seconds: float,
        stage: Stage = Stage.SUBSCRIBER,
        origin: Event | None = None,
    ) -> list[Letter]:
        """Put an event into an entry, for these subscriptions, and return its letters."""
        number, body = next(self._numbers), packed(event)
        kept = packed(origin) if origin is not None else None
        entry.rows.append((_ADD_EVENT, (number, body, kept)))
        size_bytes, is_shared = len(body) + len(kept or b""), len(subscriptions) > 1
        for subscription in subscriptions:
            entry.rows.append((_ADD_DELIVERY, (number, subscription, int(stage), 0, due_seconds)))
        return [Letter(number, name, stage, 0, event, origin, size_bytes, is_shared) for name in subscriptions]

    def write(self, entry: Entry, then: Then) -> None:
        """Write an entry."""
        self._call(entry, then)

    def load(self, subscription: str, now_seconds: float, limit: int, then: Then) -> None:
        """Read so many letters that are due, the longest due first; the result is a Loaded."""
        self._call(lambda database: _loaded(database, subscription, now_seconds, limit), then)

    def keep_only(self, subscriptions: Iterable[str], then: Then) -> None:
        """Take out the letters of all other subscriptions."""
        names = frozenset(subscriptions)
        self._call(lambda database: _keep_only(database, names), then)

    def shift(self, after_seconds: float, by_seconds: float, then: Then) -> None:
        """Have what is due after a time due so much later: the clock was set."""
        query = "UPDATE deliveries SET due = due + ? WHERE due > ?"
        self._call(lambda database: database.execute(query, (by_seconds, after_seconds)), then)

    async def pending(self) -> dict[str, int]:
        """Return how many letters each subscription has that did not arrive yet."""
        query = "SELECT subscription, count(*) FROM deliveries GROUP BY subscription"
        return dict(await self._ask(lambda database: database.execute(query).fetchall()))

    async def dead_letters(self) -> list[DeadLetter]:
        """Return what is known of the last events that did not arrive, the oldest first."""
        query = "SELECT time, subscription, id, source, type, status, sink FROM dead_letters ORDER BY number"
        return [DeadLetter(*row) for row in await self._ask(lambda database: database.execute(query).fetchall())]

    async def close(self) -> None:
        """Write what was given, and let go of the file."""
        self._flush()
        self._calls.put(None)
        await asyncio.to_thread(self._thread.join)
        self._database.close()

    async def _ask(self, task: Task) -> Any:
        answered = self._loop.create_future()
        self._call(task, lambda rows, error: answered.set_exception(error) if error else answered.set_result(rows))
        return await answered

    def _call(self, work: Entry | Task, then: Then) -> None:
        if not self._fresh:
            self._loop.call_soon(self._flush)  # one hand-over for all that the loop does in one turn
        self._fresh.append((work, then))

    def _flush(self) -> None:
        if self._fresh:
            self._calls.put(self._fresh)
            self._fresh = []

    def _work(self) -> None:
        is_open = True
        while is_open:
            calls = self._calls.get()
            together = list(calls or ())
            is_open = calls is not None
            while is_open and len(together) < _TOGETHER and not self._calls.empty():
                calls = self._calls.get()
                together += calls or ()
                is_open = calls is not None
            if together:
                told = self._do(together)
                self._loop.call_soon_threadsafe(_tell, together, *told)

    def _do(self, calls: list[tuple[Entry | Task, Then]]) -> tuple[list[Any], UnavailableError | None]:
        results: list[Any] = []
        try:
            self._database.execute("BEGIN IMMEDIATE")
            rows: dict[str, list[tuple[Any, ...]]] = {}
            for work, _ in calls:
                if isinstance(work, Entry):
                    for statement, row in work.rows:
                        rows.setdefault(statement, []).append(row)
                    results.append(None)
                else:
                    _write(self._database, rows)
                    results.append(work(self._database))
            _write(self._database, rows)
            self._database.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - of a full disk, or of one row: the thread is there for the next
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            unwritten = _unwritten()
            unwritten.__cause__ = error
            return [], unwritten
        return results, None


def _write(database: sqlite3.Connection, rows: dict[str, list[tuple[Any, ...]]]) -> None:
    """Write rows, kind by kind, and forget them: a letter is added before it is changed, and changed before it goes."""
    for statement, columns in _COLUMNS.items():
        waiting = rows.pop(statement, [])
        at = 0
        for size in _ROWS:
            text = _text(statement, columns, size)
            while len(waiting) - at >= size:
                database.execute(text, [*chain.from_iterable(waiting[at : at + size])])
                at += size
        if statement is _NOTE and waiting:
            kept = "DELETE FROM dead_letters WHERE number <= (SELECT max(number) FROM dead_letters) - ?"
            database.execute(kept, (DEAD_LETTERS_KEPT,))


@cache
def _text(statement: str, columns: int, size: int) -> str:
    """Return a statement for so many rows."""
    row = "(" + ", ".join("?" * columns) + ")"
    return statement.format(rows=", ".join([row] * size))


def _loaded(database: sqlite3.Connection, subscription: str, now_seconds: float, limit: int) -> Loaded:
    query = (
        "SELECT event, stage, attempt, body, origin FROM deliveries JOIN events ON id = event"
        " WHERE subscription = ? AND due <= ? ORDER BY due, event LIMIT ?"
    )
    letters: list[Letter] = []
    size_bytes = 0
    for event_id, stage, attempt, body, origin in database.execute(query, (subscription, now_seconds, limit)):
        letter_bytes = len(body) + len(origin or b"")
        event, kept = unpacked(body), unpacked(origin) if origin else None
        letters.append(Letter(event_id, subscription, Stage(stage), attempt, event, kept, letter_bytes))
        size_bytes += letter_bytes
        if size_bytes >= _LOADED_BYTES:
            return Loaded(letters, is_all=False, next_due_seconds=None)
    later = "SELECT min(due) FROM deliveries WHERE subscription = ? AND due > ?"
    next_due_seconds = database.execute(later, (subscription, now_seconds)).fetchone()[0]
    return Loaded(letters, is_all=len(letters) < limit, next_due_seconds=next_due_seconds)


def _keep_only(database: sqlite3.Connection, subscriptions: frozenset[str]) -> None:
    there = {name for (name,) in database.execute("SELECT DISTINCT subscription FROM deliveries")}
    for name in there - subscriptions:
        database.execute("DELETE FROM deliveries WHERE subscription = ?", (name,))
    if there - subscriptions:
        database.execute("DELETE FROM events WHERE id NOT IN (SELECT event FROM deliveries)")


def _tell(calls: list[tuple[Entry | Task, Then]], results: list[Any], error: UnavailableError | None) -> None:
    for (_, then), result in zip(calls, results or [None] * len(calls), strict=True):
        then(result, error)


def _unwritten() -> UnavailableError:
    found = "one that is full, or can't be written"
    return UnavailableError(Fault("the journal of events", "a disk that takes it", found, "make room, and send again"))
