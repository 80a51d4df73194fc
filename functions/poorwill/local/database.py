"""SQLite files that are one process's alone."""

import os
import sqlite3
from pathlib import Path

from poorwill.errors import ConflictError, CorruptError, Fault


def open_alone(path: Path, schema: str, *, what: str, without_it: str) -> sqlite3.Connection:
    """Open a file, or make it, for this process and user alone: it holds Secrets or data, and has one writer.

    Args:
        path: the file.
        schema: what makes its tables, where they are not there yet.
        what: it is, in words.
        without_it: what follows for the twin when it is moved away.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    database = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(schema)
    except sqlite3.OperationalError as error:
        database.close()
        free = Fault(what, "a file that no other process has open", "a lock", "stop the other twin first")
        raise ConflictError(free) from error
    except sqlite3.DatabaseError as error:
        database.close()
        readable = Fault(what, "an SQLite file", "other bytes", f"move it away; {without_it}")
        raise CorruptError(readable) from error
    return database
