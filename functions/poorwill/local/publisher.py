"""Has the data path follow what was decided: routes as they are programmed, revisions as their pods are."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from poorwill.kinds.kind import Object
from poorwill.local.control.control import Control
from poorwill.local.control.revision import was_started
from poorwill.local.path.backend import Backend, DataPath
from poorwill.local.path.table import Share, Table, table
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
        self._limits: Mapping[RevisionKey, Backend] = {}
        self._uids: Mapping[RevisionKey, str] = {}
        self._started: set[str] = set()  # were ready once: their callers wait for the next pod, as in Knative
        self._stale_routes = False
        self._wanted = self._done = 0
        self._work = asyncio.Event()
        self._published = asyncio.Condition()

    def routes_changed(self) -> None:
        """Have the routes read again, and published."""
        self._stale_routes = True
        self.pods_changed()

    def revisions_changed(self) -> None:
        """Have the revisions' limits read again, and published."""
        revisions = {key_of_revision(revision): revision for revision in self._control.revisions()}
        self._limits = {key: _limits(revision) for key, revision in revisions.items()}
        self._uids = {key: revision["metadata"]["uid"] for key, revision in revisions.items()}
        self._started &= set(self._uids.values())
        self._started |= {self._uids[key] for key, revision in revisions.items() if was_started(revision)}
        self.pods_changed()

    def pods_changed(self) -> None:
        """Have the pods as they are now followed at once, and published."""
        self._path.follow(self._table, self._backends())
        self._wanted += 1
        self._work.set()

    async def current(self) -> None:
        """Return when the data path follows what is so now."""
        self.pods_changed()
        wanted = self._wanted
        async with self._published:
            await self._published.wait_for(lambda: self._done >= wanted)

    async def let_go(self, key: RevisionKey) -> None:
        """Return when processes that a revision has no more can be drained: nothing is on its way to them."""
        await self.current()
        await self._path.settle(key)

    async def run(self) -> None:
        """Publish whenever there is something to, until cancelled."""
        while True:
            await self._work.wait()
            self._work.clear()
            going, routes = self._wanted, self._stale_routes
            if routes:
                self._stale_routes = False
                hosts = table(self._control.programmed()).hosts
                self._table = Table({**hosts, **dict.fromkeys(self._own().hosts, (Share(_OWN, 100),))})
            await self._path.publish(self._table, self._backends())
            if routes:
                self._control.published()
            async with self._published:
                self._done = going
                self._published.notify_all()

    def _backends(self) -> dict[RevisionKey, Backend]:
        endpoints = self._own().endpoints
        own = {_OWN: Backend(endpoints, measured=False)} if endpoints else {}
        return own | {key: self._backend(key) for key in self._limits}

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
