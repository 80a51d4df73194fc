"""What callers see while splits change, processes come, go and die, and Envoy is killed."""

import asyncio
import errno
import os
import signal
from collections import Counter

import aiohttp
from aiohttp import web

from tests.local.path.conftest import HAS_ENVOY
from tests.local.path.grounds import HOST, V1, V2, Backend, Function, awake, functions, ground, pytest, running, until


class Load:
    """Callers that ask one after the other until they are told to stop."""

    def __init__(self, ground, callers=8, **more):
        self.ground, self.answers, self.going, self.more = ground, Counter(), True, more
        self.tasks = [asyncio.create_task(self._ask()) for _ in range(callers)]

    async def _ask(self):
        while self.going:
            try:
                self.answers[await self.ground.name(**self.more)] += 1
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
                self.answers[errno.errorcode[getattr(error, "errno", errno.ECONNRESET)]] += 1

    async def more_answers(self, count):
        wanted = self.answers.total() + count
        await until(lambda: self.answers.total() >= wanted)

    async def stop(self):
        self.going = False
        await asyncio.gather(*self.tasks)
        return self.answers


@running
async def test_no_request_is_lost_while_a_split_changes(open_ground):
    async with functions("one", "two") as (one, two), open_ground() as ground:
        backends = {V1: awake(one), V2: awake(two)}
        await ground.publish({HOST: [(V1, 100)]}, backends)
        load = Load(ground)
        for percent in (90, 50, 10, 0, 50, 100):
            await load.more_answers(20)
            shares = [(V1, percent), (V2, 100 - percent)]
            await ground.publish({HOST: [share for share in shares if share[1]]}, backends)

        assert set(await load.stop()) == {"one", "two"}


@running
async def test_after_a_publish_no_request_goes_by_the_old_table(open_ground):
    async with functions("one", "two") as (one, two), open_ground() as ground:
        backends = {V1: awake(one), V2: awake(two)}
        for _ in range(10):
            await ground.publish({HOST: [(V1, 100)]}, backends)
            assert await ground.names(4) == {"one": 4}
            await ground.publish({HOST: [(V2, 100)]}, backends)
            assert await ground.names(4) == {"two": 4}


@running
async def test_no_request_is_lost_while_processes_are_drained_and_replaced(open_ground):
    async with open_ground() as ground:
        first = await Function("one").start()
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(first)})
        load = Load(ground)
        for _ in range(5):
            await load.more_answers(20)
            second = await Function("one").start()
            await ground.publish({HOST: [(V1, 100)]}, {V1: awake(first, second)})
            await load.more_answers(20)
            await ground.publish({HOST: [(V1, 100)]}, {V1: awake(second)})
            await first.stop()
            first = second

        assert set(await load.stop()) == {"one"}
        await first.stop()


@running
async def test_no_request_is_lost_while_a_revision_falls_asleep_and_wakes(open_ground):
    async with open_ground() as ground:
        await ground.publish({HOST: [(V1, 100)]}, {V1: Backend(())})
        load = Load(ground)
        for _ in range(5):
            await ground.woken.get()
            one = await Function("one").start()
            await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one)})
            await load.more_answers(20)
            await ground.publish({HOST: [(V1, 100)]}, {V1: Backend(())})
            await one.stop()
        one = await Function("one").start()
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one)})

        assert set(await load.stop()) == {"one"}
        await one.stop()


@running
async def test_of_a_process_that_dies_only_the_requests_it_had_begun_are_lost(open_ground):
    async with functions("one") as (one,), open_ground() as ground:
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one)})
        one.go_on.clear()
        begun = [asyncio.create_task(ground.problem(method="POST")) for _ in range(3)]
        await until(lambda: one.now == 3)
        for connection in list(one.runner.server.connections):
            connection.transport.abort()  # as the kernel does for a process that was killed
        await one.runner.sites.copy().pop().stop()
        late = [asyncio.create_task(ground.name(method="POST")) for _ in range(3)]
        assert [(await answer).status for answer in begun] == [502] * 3
        two = await Function("two").start()
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(two)})

        assert [await answer for answer in late] == ["two"] * 3
        assert len(one.requests) == 3, "no request is repeated"
        await two.stop()


@running
async def test_who_was_refused_by_a_dead_process_waits_for_the_next_though_it_is_published_meanwhile(open_ground):
    async with functions("next") as (following,), open_ground() as ground:
        for _ in range(3):
            dead = await Function("dead").start()
            await ground.publish({HOST: [(V1, 100)]}, {V1: awake(dead)})
            await dead.stop()
            asking = [asyncio.create_task(ground.name(method="POST")) for _ in range(8)]
            await asyncio.sleep(0)
            await ground.publish({HOST: [(V1, 100)]}, {V1: Backend(())})
            await ground.publish({HOST: [(V1, 100)]}, {V1: awake(following)})

            assert [await answer for answer in asking] == ["next"] * 8


@running
async def test_a_request_that_a_process_may_have_begun_is_not_repeated(open_ground):
    async with functions("one", "two") as (one, two), open_ground() as ground:

        async def break_off(request):
            await request.read()
            request.transport.abort()
            return web.Response()

        one.answer = two.answer = break_off
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one, two)})

        for method in ("POST", "GET"):
            assert (await ground.problem(method=method)).status == 502
        assert len(one.requests) + len(two.requests) == 2


@running
async def test_what_was_begun_before_the_data_path_ends_is_answered(open_ground):
    async with functions("one") as (one,), open_ground() as ground:
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one)})
        one.go_on.clear()
        begun = [asyncio.create_task(ground.name(method="POST")) for _ in range(3)]
        await until(lambda: one.now == 3)

        ending = asyncio.create_task(ground.path.stop())
        ground.path.stop = lambda: ending
        await asyncio.wait([ending], timeout=0.3)
        one.go_on.set()

        assert [await answer for answer in begun] == ["one"] * 3
        await ending


@pytest.mark.skipif(not HAS_ENVOY, reason="no wheel of Envoy here")
@running
async def test_no_connection_is_refused_when_envoy_is_killed():
    from poorwill.local.path.envoy import EnvoyPath

    async with functions("one") as (one,), ground(EnvoyPath) as opened:
        await opened.publish({HOST: [(V1, 100)]}, {V1: awake(one)})
        load = Load(opened, callers=4, headers={"Connection": "close"})
        for _ in range(3):
            await load.more_answers(20)
            process = opened.path._process
            os.kill(process.pid, signal.SIGKILL)
            await load.more_answers(50)
            await until(lambda: opened.path._process not in {None, process})  # noqa: B023 - waited for here
            await opened.publish({HOST: [(V1, 100)]}, {V1: awake(one, timeout_seconds=100 + opened.path._version)})

        answers = await load.stop()
        # only what Envoy held when it died, accepted or not: at most one request of each caller, each time
        assert answers.pop("one") > 200
        assert set(answers) <= {"ECONNRESET", "EPIPE"}
        assert answers.total() <= 3 * 4


@pytest.mark.skipif(not HAS_ENVOY, reason="no wheel of Envoy here")
@running
async def test_envoy_is_back_in_front_after_it_was_killed():
    from poorwill.local.path.envoy import EnvoyPath

    async with functions("one") as (one,), ground(EnvoyPath) as opened:
        await opened.publish({HOST: [(V1, 100)]}, {V1: awake(one)})
        os.kill(opened.path._process.pid, signal.SIGKILL)

        async def through_envoy():
            async with opened.ask(headers={"Connection": "close"}) as answer:
                return "k-proxy-request" not in {name.lower() for name, _ in (await answer.json())["headers"]}

        while not await through_envoy():
            pass

        assert all([await through_envoy() for _ in range(30)])
