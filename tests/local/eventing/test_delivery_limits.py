"""A subscriber that hangs, is foreign, or goes away costs what it must and nobody else anything."""

import socket
from base64 import b64decode

from poorwill.local.eventing.lane import AT_HAND
from poorwill.local.eventing.subscription import Place
from tests.local.eventing.grounds import ELSEWHERE, SINK, answering, event, ground, running, trigger, until


@running
async def test_a_subscriber_that_hangs_is_given_up_and_holds_up_no_other(tmp_path):
    other = trigger("t2", subscriber=ELSEWHERE)
    async with ground(tmp_path, trigger(retry=1, timeout_seconds=0.3, dead_letter=SINK), other) as one:
        one.gateway.answers["taker"] = ["hang"]
        await one.accept(*(event(number) for number in range(200)))
        await until(lambda: sum(one.gateway.counts("elsewhere").values()) == 200)
        await one.drained()

        tries = set(one.gateway.counts().values())
        assert 2 in tries
        assert tries <= {1, 2}  # on a busy machine the time of one can be over before it gets there
        assert len(one.gateway.counts("sink")) == 200
        assert all("knativeerrorcode" not in dead.extensions for dead in one.gateway.events("sink"))


@running
async def test_nobody_gets_more_at_once_than_the_limit_and_memory_holds_few(tmp_path):
    async with ground(tmp_path, trigger()) as one:
        one.gateway.answers["taker"] = ["hang"]
        await one.accept(*(event(number) for number in range(1500)))
        lane = one.eventing._dispatcher._lanes["t1"]
        assert lane.claimed_count <= AT_HAND + 64
        assert await one.eventing.pending() == {"t1": 1500}
        one.gateway.let_go.set()
        await one.drained()

        assert one.gateway.most_at_once <= 64
        assert len(one.gateway.counts()) == 1500


@running
async def test_large_events_wait_on_the_disk(tmp_path):
    async with ground(tmp_path, trigger()) as one:
        one.eventing._dispatcher._room._limit_bytes = 1_000_000
        one.gateway.answers["taker"] = ["hang"]
        for number in range(40):
            await one.accept(event(number, data=bytes(100_000)))
        lane = one.eventing._dispatcher._lanes["t1"]
        assert lane.claimed_count <= 11
        one.gateway.let_go.set()
        await one.drained()

        assert len(one.gateway.counts()) == 40


@running
async def test_a_foreign_subscriber_is_called_by_its_own_address(tmp_path):
    (tmp_path / "other").mkdir()
    async with ground(tmp_path) as one, ground(tmp_path / "other") as other:
        host, port = other.gateway.address
        one.follow(trigger(subscriber=Place(f"{host}:{port}", "/in")))
        await one.accept(event(1))
        await one.drained()

        assert [(host, path) for host, path, _ in other.gateway.requests] == [(f"127.0.0.1:{port}", "/in")]


@running
async def test_one_that_is_not_there_is_tried_again(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host, port = taken.getsockname()
    async with ground(tmp_path, trigger(subscriber=Place(f"{host}:{port}", "/"), retry=2, dead_letter=SINK)) as one:
        await one.accept(event(1))
        await one.drained()
        (dead,) = one.gateway.events("sink")

        assert dead.extensions["knativeerrorcode"] == "500"
        assert b64decode(dead.extensions["knativeerrordata"]).startswith(b"dispatch error: ")


@running
async def test_what_waits_for_a_subscription_goes_with_it(tmp_path):
    slow = {"retry": 5, "backoff_policy": "exponential", "backoff_delay_seconds": 1000.0}
    async with ground(tmp_path, trigger(**slow), trigger("t2", **slow)) as one:
        one.gateway.answers["taker"] = [answering(500)]
        await one.accept(event(1), event(2))
        await until(lambda: len(one.gateway.came) == 4)
        one.follow(trigger("t2", **slow))
        assert await one.eventing.pending() == {"t2": 2}
        await one.again()

        assert await one.eventing.pending() == {}


@running
async def test_a_subscription_gets_what_came_after_it(tmp_path):
    async with ground(tmp_path) as one:
        await one.accept(event(1))
        one.follow(trigger())
        await one.accept(event(2))
        await one.drained()

        assert one.gateway.counts() == {"e2": 1}


@running
async def test_a_change_of_subscriber_counts_for_what_waits(tmp_path):
    slow = {"retry": 5, "backoff_policy": "linear", "backoff_delay_seconds": 0.001}
    async with ground(tmp_path, trigger(**slow | {"retry": 10**6})) as one:
        one.gateway.answers["taker"] = [answering(500)]
        await one.accept(event(1))
        await until(lambda: one.gateway.came)
        one.follow(trigger(subscriber=ELSEWHERE, **slow))
        await one.drained()

        assert one.gateway.counts("elsewhere") == {"e1": 1}
