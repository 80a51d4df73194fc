"""What the data path follows at once, and what waits for what."""

import asyncio
from contextlib import asynccontextmanager

from poorwill.kinds.kind import ROUTE, Key, key_of
from poorwill.local.publisher import Own, Publisher
from poorwill.local.revision import Failure, RevisionState
from tests.local.path.conftest import open_ground
from tests.local.path.grounds import V1, V2, functions, running, until

__all__ = ["open_ground"]


def host(key):
    return f"{key.name}.localhost"


class Decided:
    """What control has decided, and how pods are: each revision has a route of its own."""

    def __init__(self, **spec):
        self.spec, self.pods = spec, {}

    def revisions(self, keys=None):
        return [
            {"metadata": {"namespace": key.namespace, "name": key.name, "uid": key.name}, "spec": self.spec}
            for key in (V1, V2)
        ]

    def programmed(self, keys=None):
        return [
            {
                "apiVersion": ROUTE.api_version,
                "kind": ROUTE.kind,
                "metadata": {"namespace": key.namespace, "name": key.name},
                "status": {
                    "url": f"http://{host(key)}",
                    "traffic": [{"revisionName": key.name, "percent": 100}],
                },
            }
            for key in (V1, V2)
        ]

    def published(self):
        pass


@asynccontextmanager
async def publishing(path, decided):
    publisher = Publisher(path, decided, decided.pods.get)
    task = asyncio.create_task(publisher.run())
    publisher.revisions_changed()
    publisher.routes_changed()
    await publisher.current()
    try:
        yield publisher
    finally:
        task.cancel()
        await asyncio.wait([task])


@running
async def test_a_wake_does_not_wait_for_another_revisions_drain(open_ground):
    async with functions("one", "two") as (one, two), open_ground() as ground:
        decided = Decided()
        decided.pods[V1] = RevisionState(1, (one.endpoint,))
        async with publishing(ground.path, decided) as publisher:
            one.go_on.clear()
            long = asyncio.create_task(ground.name(host(V1)))
            await until(lambda: one.now == 1)
            waiting = asyncio.create_task(ground.name(host(V2)))
            assert await ground.woken.get() == V2
            decided.pods[V1] = RevisionState(0)
            publisher.pods_changed()
            draining = asyncio.create_task(publisher.let_go(V1))
            await publisher.current()
            decided.pods[V2] = RevisionState(1, (two.endpoint,))
            publisher.pods_changed()

            assert await waiting == "two"
            await publisher.current()
            assert not draining.done()
            one.go_on.set()
            assert await long == "one"
            await draining


@running
async def test_a_process_is_let_go_when_what_it_was_sent_has_been_answered(open_ground):
    async with functions("one") as (one,), open_ground() as ground:
        decided = Decided()
        decided.pods[V1] = RevisionState(1, (one.endpoint,))
        async with publishing(ground.path, decided) as publisher:
            one.go_on.clear()
            begun = [asyncio.create_task(ground.name(host(V1))) for _ in range(8)]
            await until(lambda: one.now == 8)
            decided.pods[V1] = RevisionState(0)
            draining = asyncio.create_task(publisher.let_go(V1))
            one.go_on.set()
            await draining

            assert one.now == 0
            assert [await answer for answer in begun] == ["one"] * 8


@running
async def test_a_revision_made_anew_under_its_name_is_told_as_failed_though_the_old_one_was_ready(open_ground):
    async with functions("one") as (one,), open_ground() as ground:
        decided = Decided()
        decided.pods[V1] = RevisionState(1, (one.endpoint,))
        async with publishing(ground.path, decided) as publisher:
            assert await ground.name(host(V1)) == "one"
            made = decided.revisions()
            made[0]["metadata"]["uid"] = "another"
            decided.revisions = lambda keys=None: made
            decided.pods[V1] = RevisionState(1, failure=Failure("ExitCode3", "Container failed with: its words"))
            publisher.revisions_changed()
            await publisher.current()

            assert (await ground.problem(host(V1))).status == 503


@running
async def test_the_twins_own_hosts_lead_to_the_part_that_answers_for_them(open_ground):
    async with functions("one", "own") as (one, own), open_ground() as ground:
        decided = Decided()
        decided.pods[V1] = RevisionState(1, (one.endpoint,))
        hosts = ["own.localhost"]
        publisher = Publisher(ground.path, decided, decided.pods.get, lambda: Own(hosts, (own.endpoint,)))
        task = asyncio.create_task(publisher.run())
        publisher.revisions_changed()
        publisher.routes_changed()
        await publisher.current()

        assert [await ground.name(name) for name in ("own.localhost", host(V1))] == ["own", "one"]
        hosts.append(host(V1))
        publisher.routes_changed()
        await publisher.current()
        assert await ground.name(host(V1)) == "own", "no Route can take them away"
        task.cancel()
        await asyncio.wait([task])


@running
async def test_only_what_changed_is_read_again_and_a_route_that_is_gone_leads_nowhere(open_ground):
    async with functions("one", "two") as (one, two), open_ground() as ground:
        decided = Decided()
        decided.pods |= {V1: RevisionState(1, (one.endpoint,)), V2: RevisionState(1, (two.endpoint,))}
        async with publishing(ground.path, decided) as publisher:
            read, programmed, gone = [], decided.programmed, Key(ROUTE, V1.namespace, V1.name)
            decided.programmed = lambda keys=None: (
                read.append(keys)
                or [route for route in programmed() if key_of(route) in keys and key_of(route) != gone]
            )
            publisher.routes_changed([gone])
            await publisher.current()

            assert read == [{gone}]
            assert (await ground.problem(host(V1))).status == 404
            assert await ground.name(host(V2)) == "two"
