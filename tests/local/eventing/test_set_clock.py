"""Events that wait for a time wait as long as they were to, whatever happens to the wall clock meanwhile."""

import asyncio
import time

import pytest

from poorwill.local.eventing.watched_clock import WatchedClock
from tests.local.eventing.grounds import answering, event, ground, running, trigger, until

HOUR_SECONDS = 3600.0


@pytest.mark.parametrize("set_seconds", [-HOUR_SECONDS, HOUR_SECONDS])
@running
async def test_an_event_that_waits_to_be_tried_again_is_delivered_though_the_clock_is_set(tmp_path, set_seconds):
    offset_seconds = 0.0
    patient = trigger(retry=1, backoff_policy="exponential", backoff_delay_seconds=0.5)
    async with ground(tmp_path, patient, clock=lambda: time.time() + offset_seconds) as one:
        one.gateway.answers["taker"] = [answering(503), answering(204)]
        await one.accept(event(1))
        await until(lambda: one.gateway.counts() == {"e1": 1})
        await asyncio.sleep(0.1)  # until the next try is written down
        offset_seconds = set_seconds
        await one.drained()

        assert one.gateway.counts() == {"e1": 2}
        assert one.told == []


@pytest.mark.parametrize(("set_seconds", "told"), [(-60.0, [(45.0, -60.0)]), (60.0, [(105.0, 60.0)]), (0.5, [])])
def test_a_clock_tells_once_that_it_was_set_and_from_when_on_that_matters(set_seconds, told):
    wall, steady, found = 100.0, 7.0, []
    clock = WatchedClock(lambda: wall, lambda: steady, lambda *words: found.append(words))

    wall, steady = wall + 5.0 + set_seconds, steady + 5.0
    shown = clock(), clock()

    assert shown == (wall, wall)
    assert found == told
