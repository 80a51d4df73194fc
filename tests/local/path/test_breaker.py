"""Who gets a slot, in which order, and who is sent away."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.errors import UnavailableError
from poorwill.local.path.backend import Backend
from poorwill.local.path.breaker import Breaker
from poorwill.local.revision import Endpoint
from tests.local.path.grounds import running, until

ONE, TWO = Endpoint("127.0.0.1", 1), Endpoint("127.0.0.1", 2)


@given(
    limit=st.integers(0, 5),
    steps=st.lists(st.sampled_from(["ask", "go", "answer", "one", "two", "none"]), max_size=60),
)
def test_no_process_gets_more_than_it_may_and_nobody_is_forgotten(limit, steps):
    async def scenario():
        breaker, asking, running_at = Breaker(1000), [], Counter()
        endpoints = {"one": (ONE,), "two": (ONE, TWO), "none": ()}
        for step in [*steps, "two"]:
            if step == "ask":
                asking.append(asyncio.create_task(breaker.acquire()))
            elif step == "go" and asking:
                asking.pop().cancel()
            elif step == "answer" and running_at.total():
                endpoint = next(iter(running_at.elements()))
                running_at[endpoint] -= 1
                breaker.release(endpoint)
            elif step in endpoints:
                breaker.follow(Backend(endpoints[step], limit))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            for task in [task for task in asking if task.done()]:
                asking.remove(task)
                running_at[task.result()] += 1
            assert not limit or max(running_at.values(), default=0) <= limit
        while asking:  # each answer lets one who waits in
            assert running_at.total()
            endpoint = next(iter(running_at.elements()))
            running_at[endpoint] -= 1
            breaker.release(endpoint)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            for task in [task for task in asking if task.done()]:
                asking.remove(task)
                running_at[task.result()] += 1

    asyncio.run(scenario())


@running
async def test_who_came_first_goes_first():
    breaker, order = Breaker(10), []

    async def ask(name):
        await breaker.acquire()
        order.append(name)
        breaker.release(ONE)

    tasks = [asyncio.create_task(ask(name)) for name in "abc"]
    await asyncio.sleep(0)
    breaker.follow(Backend((ONE,), 1))
    await asyncio.gather(*tasks)

    assert order == ["a", "b", "c"]


@running
async def test_few_slots_are_taken_in_order_and_many_in_turn():
    few, many = Breaker(10), Breaker(10)
    few.follow(Backend((ONE, TWO), 2))
    many.follow(Backend((ONE, TWO), 4))

    assert [await few.acquire() for _ in range(4)] == [ONE, ONE, TWO, TWO]
    assert Counter([await many.acquire() for _ in range(4)]) == {ONE: 2, TWO: 2}


@running
async def test_a_process_that_takes_no_connection_gets_no_requests_for_a_moment():
    breaker = Breaker(10)
    breaker.follow(Backend((ONE,)))
    breaker.shun(ONE)
    waiting = asyncio.create_task(breaker.acquire())
    await asyncio.sleep(0)

    assert not waiting.done()
    assert await waiting == ONE


@running
async def test_who_waits_for_a_revision_that_fails_hears_of_it_and_so_does_who_comes():
    breaker = Breaker(10)
    waiting = asyncio.create_task(breaker.acquire())
    await asyncio.sleep(0)
    breaker.follow(Backend((), failure="ExitCode1"))

    for asked in (waiting, breaker.acquire()):
        with pytest.raises(UnavailableError, match="ExitCode1"):
            await asked


@running
async def test_a_process_is_retired_as_long_as_it_has_requests():
    breaker = Breaker(10)
    breaker.follow(Backend((ONE,)))
    await breaker.acquire()
    breaker.follow(Backend((TWO,)))
    assert breaker.retired

    breaker.release(ONE)
    await until(lambda: not breaker.retired)
