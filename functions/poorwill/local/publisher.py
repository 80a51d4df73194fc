"""Has the data path follow what was decided: routes as they are programmed, revisions as their pods are."""

import asyncio
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from poorwill.kinds.kind import Key, Object, key_of
from poorwill.local.control.control import Control
from poorwill.local.control.revision import was_started
from poorwill.local.path.backend import Backend, DataPath
from poorwill.local.path.table import RouteHosts, Share, Table, route_hosts, table
from poorwill.local.pods.plan import key_of_revision
from poorwill.local.revision import Endpoint, RevisionKey, RevisionState

Pods = Callable[[RevisionKey], RevisionState | None]

_OWN = RevisionKey("", "eventing")  # which no revision can be


class Own(NamedTuple):
    """Hosts that a part of the twin answers for itself: to the data path like a revision that never sleeps."""

    hosts: Iterable[str] = ()
    endpoints: tuple[Endpoint, ...] = ()


class Publisher:
    """Publishes the newest table and backends, one at a time; changes that come meanwhile go together into the next.

    Args:
        path: that follows.
        control: whose Routes, and whose Revisions' limits, are read when they are others.
        pods: how the pods of a revision are.
        own: which hosts are the twin's own, and where they lead; `routes_changed` has it asked again.
    """

    def __init__(self, path: DataPath, control: Control, pods: Pods, own: Callable[[], Own] = Own) -> None:
        self._path = path
        self._control = control
        self._pods = pods
        self._own = own
        self._table = Table()
        self._routes: dict[Key, RouteHosts] = {}
        self._limits: dict[RevisionKey, Backend] = {}
        self._backends: dict[RevisionKey, Backend] = {}  # the same as their pods are, and the twin's own
        self._uids: dict[RevisionKey, str] = {}
        self._started: set[str] = set()  # were ready once: their callers wait for the next pod, as in Knative
        self._stale_routes: set[Key] | None = set()  # None: all
        self._stale_table = False
        self._wanted = self._done = 0
        self._work = asyncio.Event()
        self._published = asyncio.Condition()

    def routes_changed(self, keys: Collection[Key] | None = None) -> None:
        """Have these Routes, or all, read again, and published."""
        self._stale_table = True
        if keys is None:
            self._stale_routes = None
        elif self._stale_routes is not None:
            self._stale_routes |= set(keys)
        self._lead(())

    def revisions_changed(self, keys: Collection[Key] | None = None) -> None:
        """Have the limits of these revisions, or of all, read again, and published."""
        found = {key_of_revision(revision): revision for revision in self._control.revisions(keys)}
        looked_at = self._limits.keys() | found if keys is None else {RevisionKey(*key[1:]) for key in keys}
        for key in looked_at:
            self._take(key, found.get(key))
        self._lead(looked_at)

    def pods_changed(self, key: RevisionKey | None = None) -> None:
        """Have the pods of a revision, or of all, as they are now followed at once, and published."""
        self._lead(tuple(self._limits) if key is None else (key,))

    async def current(self) -> None:
        """Return when the data path follows what is so now."""
        await self._follows(None)

    async def let_go(self, key: RevisionKey) -> None:
        """Return when processes that a revision has no more can be drained: nothing is on its way to them."""
        await self._follows(key)
        await self._path.settle(key)

    async def _follows(self, key: RevisionKey | None) -> None:
        self.pods_changed(key)
        wanted = self._wanted
        async with self._published:
            await self._published.wait_for(lambda: self._done >= wanted)

    async def run(self) -> None:
        """Publish whenever there is something to, until cancelled."""
        while True:
            await self._work.wait()
            self._work.clear()
            going, routes = self._wanted, self._stale_table
            if routes:
                self._read_routes()
            await self._path.publish(self._table, dict(self._backends))
            if routes:
                self._control.published()
            async with self._published:
                self._done = going
                self._published.notify_all()

    def _read_routes(self) -> None:
        keys, self._stale_routes, self._stale_table = self._stale_routes, set(), False
        programmed = {key_of(route): route_hosts(route) for route in self._control.programmed(keys)}
        for key in self._routes.keys() - programmed.keys() if keys is None else set(keys) - programmed.keys():
            self._routes.pop(key, None)
        self._routes |= programmed
        hosts = table(self._routes.values()).hosts
        self._table = Table({**hosts, **dict.fromkeys(self._own().hosts, (Share(_OWN, 100),))})

    def _take(self, key: RevisionKey, revision: Object | None) -> None:
        """Take note of a revision as it is; None where it has no pods any more."""
        uid = revision["metadata"]["uid"] if revision else ""
        if self._uids.get(key) != uid:
            self._started.discard(self._uids.pop(key, ""))
        if revision is None:
            self._limits.pop(key, None)
            return
        self._limits[key], self._uids[key] = _limits(revision), uid
        if was_started(revision):
            self._started.add(uid)

    def _lead(self, keys: Collection[RevisionKey]) -> None:
        """Lead by these revisions as they are now at once, and have that published."""
        for key in keys:
            if key in self._limits:
                self._backends[key] = self._backend(key)
            else:
                self._backends.pop(key, None)
        if endpoints := self._own().endpoints:
            self._backends[_OWN] = Backend(endpoints, measured=False)
        else:
            self._backends.pop(_OWN, None)
        self._path.follow(self._table, self._backends)
        self._wanted += 1
        self._work.set()

    def _backend(self, key: RevisionKey) -> Backend:
        limits, pods = self._limits[key], self._pods(key)
        if pods is None:
            return limits
        if pods.ready:
            self._started.add(self._uids[key])
        failure = pods.failure.message if pods.failure and self._uids[key] not in self._started else ""
        return limits._replace(endpoints=pods.ready, failure=failure)


def _limits(revision: Object) -> Backend:
    spec = revision["spec"]
    return Backend(
        (),
        spec.get("containerConcurrency", 0),
        timeout_seconds=float(spec.get("timeoutSeconds", 300)),
        response_start_timeout_seconds=float(spec.get("responseStartTimeoutSeconds", 0)),
        idle_timeout_seconds=float(spec.get("idleTimeoutSeconds", 0)),
    )
