"""A PingSource's times are kept while it is ready; each is an event of its own."""

import asyncio
from datetime import UTC, datetime, timedelta

from poorwill.local.eventing.pings import Pings, event_of
from tests.local.control.eventing import ping_source, to_broker

BEGIN = datetime(2026, 11, 28, 12, tzinfo=UTC)


def ready(uid="1", *, status="True", **spec):
    source = ping_source("clock", to_broker("default"), **{"schedule": "* * * * * *", "timezone": "UTC", **spec})
    source["metadata"]["uid"] = uid
    return {**source, "status": {"conditions": [{"type": "Ready", "status": status}]}}


class Taking:
    """A clock that leaps to the next second each time it is looked at, and the events that came of it."""

    def __init__(self):
        self.taken = []
        self.now = BEGIN

    def clock(self):
        self.now += timedelta(seconds=1)
        return self.now

    async def accept(self, channel, event):
        self.taken.append((channel, event))
        await asyncio.sleep(0)

    async def until(self, count):
        async with asyncio.timeout(30):
            while len(self.taken) < count:  # noqa: ASYNC110 - the clock leaps whenever it is looked at
                await asyncio.sleep(0)


def test_each_time_is_an_event_with_an_id_of_its_own():
    async def run():
        taking = Taking()
        pings = Pings(taking.accept, clock=taking.clock)
        pings.follow([ready()])
        await taking.until(3)
        await pings.stop()
        assert len({event.id for _, event in taking.taken}) == len(taking.taken)
        assert {channel for channel, _ in taking.taken} == {"ping/birds/clock/1"}

    asyncio.run(run())


def test_one_that_is_not_ready_or_gone_sends_nothing_more():
    async def run():
        taking = Taking()
        pings = Pings(taking.accept, clock=taking.clock)
        pings.follow([ready(status="False"), ready("2")])
        await taking.until(1)
        pings.follow([])
        sent = len(taking.taken)
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(taking.taken) == sent
        assert {channel for channel, _ in taking.taken} == {"ping/birds/clock/2"}

    asyncio.run(run())


def test_a_failure_to_write_one_down_does_not_end_the_others():
    async def run():
        taking = Taking()

        async def refuse(channel, event):
            await taking.accept(channel, event)
            raise OSError

        pings = Pings(refuse, clock=taking.clock)
        pings.follow([ready()])
        await taking.until(3)
        await pings.stop()

    asyncio.run(run())


def test_the_event_has_what_the_source_says():
    overrides = {"extensions": {"tenant": "owls"}}
    event = event_of(ready(contentType="application/json", data='{"a": 1}', ceOverrides=overrides), BEGIN)
    assert (event.type, event.source) == ("dev.knative.sources.ping", "/apis/v1/namespaces/birds/pingsources/clock")
    assert (event.datacontenttype, event.data, event.extensions) == (
        "application/json",
        b'{"a": 1}',
        {"tenant": "owls"},
    )

    assert event_of(ready(dataBase64="AAE=", contentType="application/octet-stream"), BEGIN).data == b"\0\1"
    empty = event_of(ready(contentType="application/json"), BEGIN)
    assert (empty.data, empty.datacontenttype) == (None, None)
