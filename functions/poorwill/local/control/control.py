"""The loop: hears of changes, and takes steps until there is nothing left to do.

All of it runs on the one event loop of the twin. The queue is in memory: a new Control looks at everything once, so
one that was killed between two steps is continued by the next.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from poorwill.errors import PoorwillError, UnavailableError
from poorwill.kinds.kind import (
    CONFIGURATION,
    EVENT,
    INGRESS,
    KEPT_KINDS,
    KINDS,
    NAMESPACE,
    PLACEHOLDER,
    REVISION,
    ROUTE,
    SERVICE,
    Key,
    Object,
    key_of,
    named,
)
from poorwill.kinds.objects import labels
from poorwill.local.control import events, route
from poorwill.local.control.hosts import Hosts
from poorwill.local.control.index import Index
from poorwill.local.control.labels import CONFIGURATION_LABEL, is_terminating, routes_of
from poorwill.local.control.steps import Clock, Ground, Pods, Runs, Steps
from poorwill.local.fence import Fence
from poorwill.local.revision import RevisionKey
from poorwill.local.state import Change, State

_STEPS_AT_ONCE = 20
"""After so many steps others on the loop get their turn."""

_HOUSEKEEPING = timedelta(minutes=10)
_RETRY_SECONDS = 1.0


class _Gone(NamedTuple):
    uid: str


class _Owners(NamedTuple):
    key: Key


_Work = Key | _Gone | _Owners


def _in_name(image: str) -> str:
    """Return an image that is named by its digest."""
    return image if "@" in image else ""


class Control:
    """Reconciles all objects of one state.

    Args:
        state: all objects; changes of others are heard through it.
        pods: how the pods of a revision are.
        domain: what every external host ends in.
        port: of the gateway; it is part of every external URL but where it is 80.
        runs: what runs of a Job.
        clock: the time, with its zone.
        pinned: an image's name with its digest, "" where it has none.
    """

    def __init__(  # noqa: PLR0913 - where the twin's parts meet
        self,
        state: State,
        pods: Pods,
        *,
        domain: str,
        port: int,
        runs: Runs = lambda _: None,
        clock: Clock = lambda: datetime.now(UTC),
        pinned: Callable[[str], str] = _in_name,
    ) -> None:
        self._state = state
        self._clock = clock
        self._index = Index()
        self._steps = Steps(state, self._index, Ground(pods, pinned, Hosts(domain, port), clock, runs))
        self._queue: dict[_Work, None] = {}
        self._work_is_there = asyncio.Event()
        self._routes_changed: Callable[[Collection[Key]], None] | None = None
        self._revisions_changed: Callable[[Collection[Key]], None] | None = None
        self._stale_routes: set[Key] = set()
        self._stale_revisions: set[Key] = set()
        self._taken: dict[Key, Object] = {}
        self._tidied_at: datetime | None = None
        self._fence = Fence("a step of control")
        self.failed: set[_Work] = set()
        """What `settle` could not do, and `run` tries again."""
        state.subscribe(self._heard)
        for kind in (*KINDS, *KEPT_KINDS):
            for obj in state.list(kind) if kind is not EVENT else ():
                key = key_of(obj)
                self._put(key, obj)
                self._mark_stale(key)
                if obj["metadata"].get("ownerReferences"):
                    self._add(_Owners(key))
                self._add(key)

    def listen(
        self,
        *,
        routes: Callable[[Collection[Key]], None] | None = None,
        revisions: Callable[[Collection[Key]], None] | None = None,
    ) -> None:
        """Have somebody told which of `programmed()`, and which of `revisions()` or their reachability, are others.

        Who hears of routes answers with `programmed()`, has the data path follow it, and then calls `published()`:
        Routes are not Ready before. With nobody to hear, they are at once.
        """
        self._routes_changed, self._revisions_changed = routes, revisions

    def enqueue(self, key: Key) -> None:
        """Have an object looked at, as after something changed that is in no object."""
        self._add(key)

    def pods_changed(self, key: RevisionKey) -> None:
        """Have a revision looked at whose pods are others than before."""
        self._add(Key(REVISION, key.namespace, key.name))

    def programmed(self, keys: Collection[Key] | None = None) -> list[Object]:
        """Return Routes with the url and the traffic that requests are to follow now: the last good split.

        All of them, or only those of these keys that there are.
        """
        if keys is None:
            found = self._state.list(INGRESS)
        else:
            found = [obj for key in keys if (obj := self._state.get(key._replace(kind=INGRESS))) is not None]
        ingresses = {key_of(ingress): ingress for ingress in found}
        self._taken = {key: ingress["spec"] for key, ingress in ingresses.items()}
        programmed = []
        for key, ingress in ingresses.items():
            obj = self._state.get(key._replace(kind=ROUTE))
            with self._fence.around(key):
                programmed += [route.programmed(obj, ingress)] if obj is not None else []
        return programmed

    def published(self) -> None:
        """Take note that every new request follows what `programmed()` returned last."""
        self._note_published(self._taken)

    def _note_published(self, taken: Mapping[Key, Object]) -> None:
        for key, spec in taken.items():
            ingress = self._state.get(key)
            if ingress is None or ingress["spec"] != spec:  # what it asks for now is yet to come
                continue
            try:
                self._state.update(route.published(ingress, spec), status=True)
            except UnavailableError:
                asyncio.get_running_loop().call_later(_RETRY_SECONDS, self._note_published, {key: spec})

    def revisions(self, keys: Collection[Key] | None = None) -> list[Object]:
        """Return the Revisions that may have pods, all or only those of these keys."""
        if keys is None:
            found = self._state.list(REVISION)
        else:
            found = [obj for key in keys if (obj := self._state.get(key)) is not None]
        return [obj for obj in found if not is_terminating(obj)]

    def settle(self) -> None:
        """Take steps until there is nothing left to do, but for those that failed."""
        while self._queue:
            while self._queue:
                work = next(iter(self._queue))
                if not self._did_one(work):
                    self.failed.add(work)
            self._tell()

    async def run(self) -> None:
        """Take steps whenever there is something to do, until cancelled."""
        self._tell()
        self._queue |= dict.fromkeys(self.failed)
        self.failed.clear()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_HOUSEKEEPING.total_seconds()):
                    await self._work_is_there.wait()
            self._tidy()
            while self._queue:
                for _ in range(min(_STEPS_AT_ONCE, len(self._queue))):
                    work = next(iter(self._queue))
                    if not self._did_one(work):
                        asyncio.get_running_loop().call_later(_RETRY_SECONDS, self._add, work)
                await asyncio.sleep(0)
            self._work_is_there.clear()
            self._tell()

    def _did_one(self, work: _Work) -> bool:
        """Take this step, and return whether that went well: one object never stops the others."""
        with self._fence.around(work), suppress(PoorwillError):
            self._take_one(work)
            return True
        return False

    def _take_one(self, work: _Work) -> None:
        del self._queue[work]
        if isinstance(work, Key):
            self._steps.take(work)
        elif isinstance(work, _Gone):
            self._steps.gone(work.uid)
        else:
            self._steps.check_owners(work.key)

    def _tidy(self) -> None:
        """Remove what grew too old, where the last time was long enough ago, however much there is to do besides."""
        now = self._clock()
        if self._tidied_at is not None and abs(now - self._tidied_at) < _HOUSEKEEPING:
            return
        self._tidied_at = now
        with self._fence.around("events"), suppress(PoorwillError):  # the next time, then
            events.expire(self._state, now)
        for obj in self._state.list(CONFIGURATION):  # Revisions grow too old without anything happening to them
            self._add(key_of(obj))

    def _tell(self) -> None:
        routes, revisions = self._stale_routes, self._stale_revisions
        self._stale_routes, self._stale_revisions = set(), set()
        if revisions and self._revisions_changed:
            self._revisions_changed(revisions)
        if routes and self._routes_changed:
            self._routes_changed(routes)
        elif routes:
            self.programmed(routes)
            self.published()

    def _add(self, work: _Work) -> None:
        self._queue[work] = None
        self._work_is_there.set()

    def _mark_stale(self, key: Key) -> None:
        if key.kind in {INGRESS, ROUTE}:
            self._stale_routes.add(key._replace(kind=ROUTE))
        elif key.kind is REVISION:
            self._stale_revisions.add(key)

    def _put(self, key: Key, obj: Object) -> None:
        """Take note of who belongs to whom; an object of which that can't be said is still looked at."""
        with self._fence.around(("index", key)):
            self._index.put(obj)

    def _heard(self, change: Change) -> None:
        key = key_of(change.object)
        if key.kind is EVENT:
            return
        if change.type == "DELETED":
            self._index.forget(key)
            self._add(_Gone(change.object["metadata"]["uid"]))
            self._add(Key(NAMESPACE, "", key.namespace))
            self._add_freed(key, change.object)
        else:
            self._put(key, change.object)
            self._add(key)
        self._add_related(key, change.object)
        if key.kind in {INGRESS, ROUTE, REVISION} and not _only_status(change, key):
            self._mark_stale(key)

    def _add_related(self, key: Key, obj: Object) -> None:
        """Queue who looks at this object: its owners, and the Routes that lead to it, or that it says do."""
        for reference in obj["metadata"].get("ownerReferences", ()):
            kind = named(reference["apiVersion"], reference["kind"])
            if kind is not None:
                self._add(Key(kind, key.namespace, reference["name"]))
        looking = [*self._index.leading_to(key), *(Key(ROUTE, key.namespace, name) for name in routes_of(obj))]
        if key.kind is REVISION:
            made_by = labels(obj).get(CONFIGURATION_LABEL, "")
            looking += self._index.leading_to(Key(CONFIGURATION, key.namespace, made_by))
        for each in looking:
            self._add(each)

    def _add_freed(self, key: Key, obj: Object) -> None:
        """Queue who waits for a name that is free now."""
        if key.kind in {ROUTE, CONFIGURATION}:
            self._add(key._replace(kind=SERVICE))
        if key.kind is REVISION:
            self._add(Key(CONFIGURATION, key.namespace, labels(obj).get(CONFIGURATION_LABEL, "")))
            for name in (key.name, f"{key.name}-private"):
                for each in self._index.leading_to(Key(PLACEHOLDER, key.namespace, name)):
                    self._add(each)


def _only_status(change: Change, key: Key) -> bool:
    """Return whether a change leaves what the data path and the pods are made from."""
    if change.type != "MODIFIED" or change.old is None:
        return False
    if key.kind is REVISION:
        return labels(change.old) == labels(change.object)
    return bool(change.old["spec"] == change.object["spec"])
