"""What callers see of the data path: the same with the activator alone and with Envoy in front of it."""

import asyncio

from aiohttp import web

from tests.local.path.grounds import HOST, V1, V2, Backend, awake, functions, running, until


@running
async def test_a_request_goes_to_the_revision_that_its_host_leads_to(open_ground):
    async with functions("one", "two") as (one, two), open_ground() as ground:
        hosts = {HOST: [(V1, 100)], f"v2-{HOST}": [(V2, 100)]}
        await ground.publish(hosts, {V1: awake(one), V2: awake(two)})

        assert await ground.names(5) == {"one": 5}
        assert await ground.names(5, f"v2-{HOST}") == {"two": 5}
        assert await ground.names(5, f"V2-{HOST}:8090".upper()) == {"two": 5}


@running
async def test_a_split_keeps_within_its_binomial_bounds(open_ground):
    async with functions("one", "two") as (one, two), open_ground() as ground:
        await ground.publish({HOST: [(V1, 70), (V2, 30)]}, {V1: awake(one), V2: awake(two)})

        names = await ground.names(500)

        # 500 draws with p = 0.3: mean 150, deviation 10.2; five of them to either side
        assert names["one"] + names["two"] == 500
        assert 99 <= names["two"] <= 201


@running
async def test_a_share_of_a_sleeping_revision_wakes_that_revision(open_ground):
    async with functions("one", "two") as (one, two), open_ground() as ground:
        await ground.publish({HOST: [(V1, 50), (V2, 50)]}, {V1: awake(one), V2: Backend(())})
        asked = asyncio.gather(*(ground.name() for _ in range(64)))
        assert await ground.woken.get() == V2
        await ground.publish({HOST: [(V1, 50), (V2, 50)]}, {V1: awake(one), V2: awake(two)})

        assert set(await asked) == {"one", "two"}
        assert {ground.woken.get_nowait() for _ in range(ground.woken.qsize())} <= {V2}


@running
async def test_an_unknown_host_is_not_found(open_ground):
    async with open_ground() as ground:
        await ground.publish({HOST: [(V1, 100)]}, {V1: Backend(())})

        assert (await ground.problem("other.default.poorwill.localhost")).status == 404


@running
async def test_64_callers_wait_for_a_revision_to_wake_and_are_all_answered(open_ground):
    async with functions("one") as (one,), open_ground() as ground:
        await ground.publish({HOST: [(V1, 100)]}, {V1: Backend(())})
        asked = asyncio.gather(*(ground.name() for _ in range(64)))
        assert [await ground.woken.get() for _ in range(64)] == [V1] * 64
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one)})

        assert await asked == ["one"] * 64


@running
async def test_more_callers_than_may_wait_are_told_to_come_back(open_ground):
    async with functions("one") as (one,), open_ground(queue_limit=3) as ground:
        await ground.publish({HOST: [(V1, 100)]}, {V1: Backend(())})
        asked = asyncio.gather(*(ground.name() for _ in range(3)))
        for _ in range(3):
            await ground.woken.get()

        answer = await ground.problem()

        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) > 0
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one)})
        assert await asked == ["one"] * 3


@running
async def test_callers_of_a_revision_that_can_not_start_hear_why_at_once(open_ground):
    async with open_ground() as ground:
        await ground.publish({HOST: [(V1, 100)]}, {V1: Backend(())})
        waiting = asyncio.create_task(ground.problem())
        await ground.woken.get()
        await ground.publish({HOST: [(V1, 100)]}, {V1: Backend((), failure="ExitCode1: the store is away")})

        assert (await waiting).status == 503
        async with ground.ask() as answer:
            assert "ExitCode1" in (await answer.json(content_type=None))["detail"]


@running
async def test_a_caller_that_goes_while_it_waits_costs_no_work(open_ground):
    async with functions("one") as (one,), open_ground() as ground:
        await ground.publish({HOST: [(V1, 100)]}, {V1: Backend(())})
        gone = asyncio.create_task(ground.name(path="/gone"))
        stays = asyncio.create_task(ground.name(path="/stays"))
        assert [await ground.woken.get() for _ in range(2)] == [V1, V1]
        gone.cancel()
        await asyncio.wait([gone])
        await until(lambda: ground.path.measure()[V1].concurrency < 1.5)
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one)})

        assert await stays == "one"
        assert [request.path for request in one.requests] == ["/stays"]


@running
async def test_a_process_that_takes_one_request_at_a_time_never_gets_two(open_ground):
    async with functions("one", "two") as (one, two), open_ground() as ground:
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one, two, container_concurrency=1)})

        names = await ground.names(200)

        assert names["one"] + names["two"] == 200
        assert (one.most, two.most) == (1, 1)


@running
async def test_more_requests_than_run_and_wait_are_refused(open_ground):
    async with functions("one") as (one,), open_ground(queue_limit=2) as ground:
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one, container_concurrency=1)})
        one.go_on.clear()
        asked = [asyncio.create_task(ground.name()) for _ in range(6)]
        done, waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        while len(done) < 3:
            more, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            done |= more
        one.go_on.set()

        assert sorted(map(str, await asyncio.gather(*asked))) == ["503"] * 3 + ["one"] * 3


@running
async def test_a_function_that_is_silent_for_longer_than_it_may_is_given_up(open_ground):
    async with functions("one") as (one,), open_ground() as ground:
        one.go_on.clear()
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one, timeout_seconds=0.3)})

        assert (await ground.problem()).status == 504
        one.go_on.set()


@running
async def test_a_caller_waits_for_a_wake_no_longer_than_for_an_answer(open_ground):
    async with open_ground() as ground:
        await ground.publish({HOST: [(V1, 100)]}, {V1: Backend((), timeout_seconds=0.3)})

        assert (await ground.problem()).status == 504


@running
async def test_an_answer_that_lasts_too_long_is_cut_and_the_caller_can_tell(open_ground):
    async with functions("one") as (one,), open_ground() as ground:

        async def endless(request):
            response = web.StreamResponse()
            await response.prepare(request)
            while True:  # never silent, so that no other limit ends it
                await response.write(b"part")
                await asyncio.sleep(0.05)

        one.answer = endless
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one, timeout_seconds=0.5)})

        async with ground.ask() as answer:
            assert (await answer.content.readany()).startswith(b"part")
            with_fault = await asyncio.gather(answer.content.read(), return_exceptions=True)
        assert isinstance(with_fault[0], Exception)


@running
async def test_an_answer_that_does_not_begin_in_its_time_is_given_up_and_one_that_does_may_last(open_ground):
    async with functions("one") as (one,), open_ground() as ground:
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one, response_start_timeout_seconds=0.5)})
        one.answer = parts_after(0.2, count=5)
        async with ground.ask() as answer:
            assert await answer.content.read() == b"part" * 5
        one.go_on.clear()
        assert (await ground.problem()).status == 504
        one.go_on.set()

        await ground.publish({HOST: [(V1, 100)]}, {V1: Backend((), response_start_timeout_seconds=0.3)})
        assert (await ground.problem()).status == 504


@running
async def test_a_silence_that_lasts_too_long_ends_an_answer_and_one_that_has_not_begun(open_ground):
    async with functions("one") as (one,), open_ground() as ground:
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one, idle_timeout_seconds=0.5)})
        one.answer = parts_after(0.2, count=5)
        async with ground.ask() as answer:
            assert await answer.content.read() == b"part" * 5
        one.answer = parts_after(0.2, count=5, silent_at=2)
        async with ground.ask() as answer:
            with_fault = await asyncio.gather(answer.content.read(), return_exceptions=True)
        assert isinstance(with_fault[0], Exception)
        one.go_on.clear()
        assert (await ground.problem()).status == 504
        one.go_on.set()


def parts_after(seconds, *, count, silent_at=-1):
    """Return what answers in parts with a pause after each."""

    async def answer(request):
        response = web.StreamResponse()
        await response.prepare(request)
        for number in range(count):
            await response.write(b"part")
            await asyncio.sleep(30 if number == silent_at else seconds)
        return response

    return answer
