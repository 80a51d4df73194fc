"""The step that takes data in: an object of the data location is copied to the store, by digest, and looked at once."""

import re
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

from poorwill.errors import Fault, NotFoundError, UnavailableError, UsageError
from poorwill.pipeline.data import data_name, ingest_of, layout_of
from poorwill.pipeline.step import Made, Outcome, StepFailedError, Work
from poorwill.pipeline.table import MEDIA_TYPES, Source, Table, open_table
from poorwill.store.location import check_key, parse_location
from poorwill.store.opening import open_store
from poorwill.store.port import ObjectStore

_COPY = "object"
_SENT_AGAIN = "put it there, then send the event again"


class IngestStep:
    """Reads the one object that an event names, and nothing else of its data location.

    Args:
        location: a folder or a bucket (POORWILL_DATA); "" is the store itself.
    """

    name: ClassVar[str] = "ingest"

    def __init__(self, location: str = "") -> None:
        self._location = location

    def decided_by(self, work: Work) -> dict[str, Any]:
        """Return the object's name and digest, and how it is read; its bytes are in the scratch folder then."""
        return {"object": _key(work), "data": self._copied(work), "layout": layout_of(work.spec)}

    def run(self, work: Work) -> Outcome:
        """Look at all of the copy, and give it as it is."""
        path, layout = work.scratch / _COPY, ingest_of(work.spec)
        if not path.exists():
            self._copied(work)
        work.progress(f"copied {data_name(work)}, {path.stat().st_size:,} bytes")
        table = open_table(Source(path, layout, data_name(work)))
        work.progress(f"{table.rows:,} rows of {len(table.columns)} columns")
        facts = _facts(table)
        made = Made(work.step.gives, path, MEDIA_TYPES[layout.format], facts)
        return Outcome((made,), {**facts, "object": data_name(work)})

    def _copied(self, work: Work) -> str:
        """Copy the object to the scratch folder, and return its digest."""
        key, limit_bytes = _key(work), ingest_of(work.spec).size_limit_bytes
        hashing, size_bytes = sha256(), 0
        try:
            with (work.scratch / _COPY).open("wb") as copy:
                for chunk in self._store(work, key).stream(key):
                    size_bytes += len(chunk)
                    if size_bytes > limit_bytes:
                        raise _too_large(key, limit_bytes)
                    hashing.update(chunk)
                    copy.write(chunk)
        except NotFoundError:
            raise _missing(key) from None
        return f"sha256:{hashing.hexdigest()}"

    def _store(self, work: Work, key: str) -> ObjectStore:
        """Return where the object lies; a folder's link that leads out of it is as if it were not there."""
        if not self._location:
            return work.store
        place = parse_location(self._location)
        if isinstance(place, str):
            folder = Path(place)
            if not folder.is_dir():
                advice = "make it, or set where data arrives"
                raise UnavailableError(Fault("data location (POORWILL_DATA)", "a folder", "none there", advice))
            if not (folder / key).resolve().is_relative_to(folder.resolve()):
                raise _missing(key)
        return open_store(self._location)


def _key(work: Work) -> str:
    """Return the object that the event names, a plain key."""
    named = work.run.data.get("object")
    wanted = "the key of an object in the data location, plain names joined by '/'"
    if not isinstance(named, str) or re.search(r"^\s*$", named):
        raise StepFailedError(Fault("event data.object", wanted, "none", "name the object that has arrived"))
    try:
        return check_key(named)
    except UsageError:
        fault = Fault("event data.object", wanted, "something else", "name it without a scheme, '..' or a first '/'")
        raise StepFailedError(fault) from None


def _missing(key: str) -> StepFailedError:
    return StepFailedError(Fault("event data.object", f"{key} in the data location", "none of that name", _SENT_AGAIN))


def _too_large(key: str, limit_bytes: int) -> StepFailedError:
    advice = "raise ingest's size_limit_bytes, or bring less"
    return StepFailedError(Fault(key, f"{limit_bytes} bytes at most", "more", advice))


def _facts(table: Table) -> dict[str, int]:
    return {"rows": table.rows, "columns": len(table.columns)}
