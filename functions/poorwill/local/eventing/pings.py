"""The clock behind PingSources: at each of their times an event, written down before it is sent."""

import asyncio
from base64 import b64decode
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from uuid import uuid4

from poorwill.events.event import Event
from poorwill.kinds import cron
from poorwill.kinds.kind import Object
from poorwill.kinds.objects import is_true
from poorwill.local.eventing.addresses import PING, ping_source
from poorwill.local.eventing.schedule import next_after
from poorwill.local.eventing.subscriptions import ping_channel
from poorwill.local.fence import Fence

_LONGEST_WAIT_SECONDS = 30.0
"""Then the clock is looked at again: it may have been set, or the machine have slept."""

Accept = Callable[[str, Event], Awaitable[None]]
"""Returns once an event that enters a channel is on the disk."""


class Pings:
    """Keeps the times of all PingSources. What falls due while no twin runs is not made up for."""

    def __init__(self, accept: Accept, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._accept = accept
        self._clock = clock
        self._sources: Mapping[str, Object] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._fence = Fence("a PingSource's time")

    def follow(self, sources: Iterable[Object]) -> None:
        """Keep the times of these from now on: those that are ready."""
        was, self._sources = self._sources, {one["metadata"]["uid"]: one for one in sources if is_true(one, "Ready")}
        for uid in was.keys() - self._sources.keys():
            self._tasks.pop(uid).cancel()
        for uid, source in self._sources.items():
            if uid in was and was[uid]["spec"] == source["spec"]:
                continue
            if uid in was:
                self._tasks.pop(uid).cancel()
            self._tasks[uid] = asyncio.get_running_loop().create_task(self._keep(source))

    async def stop(self) -> None:
        """Keep no times any more."""
        tasks = list(self._tasks.values())
        self.follow(())
        if tasks:
            await asyncio.wait(tasks)

    async def _keep(self, source: Object) -> None:
        spec = source["spec"]
        schedule = cron.parse(spec["schedule"], spec.get("timezone", ""))
        due = next_after(schedule, self._clock())
        while due is not None:
            now = self._clock()
            if now < due:
                await asyncio.sleep(min((due - now).total_seconds(), _LONGEST_WAIT_SECONDS))
                continue
            with self._fence.around(source["metadata"]["uid"]):  # where the disk is full, this event is lost
                await self._accept(ping_channel(source), event_of(source, now))
            due = next_after(schedule, now)


def event_of(source: Object, now: datetime) -> Event:
    """Return a PingSource's event (pkg/adapter/mtping/runner.go)."""
    spec = source["spec"]
    data = b64decode(spec["dataBase64"]) if spec.get("dataBase64") else spec.get("data", "").encode() or None
    return Event(
        id=str(uuid4()),
        source=ping_source(source),
        type=PING,
        time=now.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        datacontenttype=(spec.get("contentType") or None) if data is not None else None,
        extensions=dict((spec.get("ceOverrides") or {}).get("extensions") or {}),
        data=data,
    )
