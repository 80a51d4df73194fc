"""Watches: the changes of a kind's objects as they happen, from a version on, or after what is there now."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from poorwill.errors import PoorwillError
from poorwill.kinds.kind import Kind, Object, kind_of
from poorwill.local.api.selectors import Matcher
from poorwill.local.api.status import expired
from poorwill.local.state import Change, State

BOOKMARK_SECONDS = 60
"""How often a quiet watch is told the version that it has seen, where it asked for that."""

_MOST_WAITING = 2000
"""How many changes wait for a caller that does not read, before its watch ends."""

_INITIAL_END = "k8s.io/initial-events-end"


class Event(NamedTuple):
    """What a watch tells."""

    type: str  # ADDED, MODIFIED, DELETED, BOOKMARK or ERROR
    object: Object


class Wanted(NamedTuple):
    """What a watch is about."""

    kind: Kind
    namespace: str
    matches: Matcher
    version: int = 0  # 0: what is there now, then what changes
    initial: bool | None = None  # sendInitialEvents
    bookmarks: bool = False
    timeout_seconds: float = 0  # 0: until somebody ends it


class Watches:
    """All watches that are open; `stop` ends them."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._open: set[asyncio.Queue[Change | None]] = set()

    def stop(self) -> None:
        """End every watch as if its time were up."""
        for queue in self._open:
            queue.put_nowait(None)

    async def events(self, wanted: Wanted) -> AsyncIterator[Event]:
        """Yield what happens until the time is up, the caller is too slow, or `stop` was called."""
        with self._subscribed() as queue:
            try:
                first = self._first(wanted)
            except PoorwillError:
                yield Event("ERROR", expired().status())
                return
            for event in first:
                yield event
            async for event in self._news(wanted, queue):
                yield event

    async def _news(self, wanted: Wanted, queue: asyncio.Queue[Change | None]) -> AsyncIterator[Event]:
        loop = asyncio.get_running_loop()
        end = loop.time() + wanted.timeout_seconds if wanted.timeout_seconds else float("inf")
        seen = self._state.version
        while (left := end - loop.time()) > 0:
            try:
                change = await asyncio.wait_for(queue.get(), min(left, BOOKMARK_SECONDS))
            except TimeoutError:
                if wanted.bookmarks:
                    yield _bookmark(wanted.kind, seen)
                continue
            if change is None:
                return
            seen = change.version
            event = told(change, wanted)
            if event:
                yield event

    def _first(self, wanted: Wanted) -> list[Event]:
        """Return what a watch begins with."""
        if wanted.version and not wanted.initial:
            return [event for change in self._state.since(wanted.version) if (event := told(change, wanted))]
        if wanted.initial is False:
            return []
        there = [obj for obj in self._state.list(wanted.kind, wanted.namespace) if wanted.matches(obj)]
        events = [Event("ADDED", obj) for obj in there]
        if wanted.initial and wanted.bookmarks:
            events.append(_bookmark(wanted.kind, self._state.version, end_of_initial=True))
        return events

    @contextmanager
    def _subscribed(self) -> Iterator[asyncio.Queue[Change | None]]:
        queue: asyncio.Queue[Change | None] = asyncio.Queue()
        self._open.add(queue)
        end = self._state.subscribe(_listener(queue))
        try:
            yield queue
        finally:
            end()
            self._open.discard(queue)


def told(change: Change, wanted: Wanted) -> Event | None:
    """Return what a change is to a watch: an object may also come into what it selects, or leave it."""
    obj = change.object
    if kind_of(obj) is not wanted.kind or wanted.namespace not in ("", obj["metadata"].get("namespace")):
        return None
    was = change.old is not None and wanted.matches(change.old)
    if change.type != "DELETED" and wanted.matches(obj):
        return Event("MODIFIED" if was else "ADDED", obj)
    if not was or change.old is None:
        return None
    last = obj if change.type == "DELETED" else change.old
    return Event("DELETED", {**last, "metadata": {**last["metadata"], "resourceVersion": str(change.version)}})


def _listener(queue: asyncio.Queue[Change | None]) -> Callable[[Change], None]:
    return lambda change: queue.put_nowait(change if queue.qsize() < _MOST_WAITING else None)


def _bookmark(kind: Kind, version: int, *, end_of_initial: bool = False) -> Event:
    metadata: Object = {"resourceVersion": str(version)}
    if end_of_initial:
        metadata["annotations"] = {_INITIAL_END: "true"}
    return Event("BOOKMARK", {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": metadata})
