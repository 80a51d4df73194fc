"""How much a revision has to do, as the autoscaler hears it."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.local.path.backend import Measure
from poorwill.local.path.meter import Meter
from poorwill.local.path.sampler import Look, Sampler
from tests.local.path.grounds import HOST, V1, awake, functions, running, until


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), max_size=30))
def test_concurrency_is_the_time_that_requests_took_by_the_time_that_passed(spans):
    times = sorted([(start, 1) for start, _ in spans] + [(start + length, -1) for start, length in spans])
    now = 0.0
    meter = Meter(lambda: now)
    for now, step in times:  # noqa: B007 - the clock reads it
        meter.enter() if step > 0 else meter.leave()
    now = 3000.0

    measure = meter.measure()

    assert measure.requests == len(spans)
    assert measure.concurrency == pytest.approx(sum(length for _, length in spans) / 3000)
    assert meter.measure() == Measure(0.0, 0)


def test_looks_are_averaged_and_counters_compared():
    sampler = Sampler(0.0)
    sampler.record({"a/b": Look(4, 10)})
    sampler.record({"a/b": Look(0, 30)})
    assert sampler.measure(1.0) == {"a/b": Measure(2.0, 30)}

    sampler.record({"a/b": Look(1, 5)})  # of an Envoy that was started again
    assert sampler.measure(2.0) == {"a/b": Measure(1.0, 5)}
    assert sampler.measure(3.0) == {}


def test_a_revision_that_a_look_misses_is_not_counted_from_the_start_again():
    sampler = Sampler(0.0)
    sampler.record({"a/b": Look(0, 1000), "a/c": Look(0, 7)})
    sampler.record({"a/c": Look(0, 7)})
    sampler.record({"a/b": Look(0, 1001), "a/c": Look(0, 7)})

    assert sampler.measure(1.0)["a/b"].requests == 1001


def test_traffic_that_every_look_misses_is_not_nothing():
    sampler = Sampler(0.0)
    sampler.record({"a/b": Look(0, 2)})

    assert sampler.measure(1.0)["a/b"].concurrency == pytest.approx(0.002)


@running
async def test_both_grounds_tell_how_much_waits_or_runs(open_ground):
    async with functions("one") as (one,), open_ground() as ground:
        await ground.publish({HOST: [(V1, 100)]}, {V1: awake(one)})
        ground.path.measure()
        one.go_on.clear()
        asked = asyncio.gather(*(ground.name() for _ in range(5)))
        seen = []

        def five():
            seen.append(ground.path.measure().get(V1, Measure(0.0, 0)))
            return seen[-1].concurrency == 5

        await until(five)
        one.go_on.set()
        await asked
        await until(lambda: seen.append(ground.path.measure().get(V1, Measure(0.0, 0))) or seen[-1] == Measure(0.0, 0))

        assert sum(measure.requests for measure in seen) == 5
