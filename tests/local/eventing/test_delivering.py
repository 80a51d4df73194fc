"""Events get to their subscribers, their replies onwards, and what does not arrive to the dead-letter sink."""

import asyncio
from base64 import b64decode

import pytest

from poorwill.local.eventing.broker_event import TTL
from poorwill.local.eventing.event_filter import EVERYTHING, Exact
from tests.local.eventing.grounds import (
    BROKER,
    ELSEWHERE,
    NEXT_STEP,
    SINK,
    STEP,
    answering,
    event,
    ground,
    replying,
    running,
    step,
    trigger,
    until,
)

QUICK = {"backoff_policy": "linear", "backoff_delay_seconds": 0.001}


@running
async def test_an_event_goes_to_all_who_want_it_and_to_nobody_else(tmp_path):
    other = trigger("t2", matches=Exact({"type": "other"}), subscriber=ELSEWHERE)
    every = trigger("t3", matches=EVERYTHING, subscriber=SINK)
    async with ground(tmp_path, trigger(), other, every) as one:
        await one.accept(event(1), event(2, "other"))
        await one.drained()

        assert [one.gateway.counts(host) for host in ("taker", "elsewhere", "sink")] == [
            {"e1": 1},
            {"e2": 1},
            {"e1": 1, "e2": 1},
        ]


@running
async def test_a_request_tells_that_it_wants_a_reply_and_which_namespace_it_is_from(tmp_path):
    async with ground(tmp_path, trigger()) as one:
        await one.accept(event(1, data=b'{"x":1}', datacontenttype="application/json"))
        await one.drained()
        ((host, path, headers),) = one.gateway.requests

        assert (host, path, headers["prefer"], headers["kn-namespace"], headers["content-type"]) == (
            "taker.default.svc.cluster.local",
            "/",
            "reply",
            "default",
            "application/json",
        )


@pytest.mark.parametrize(("wanted", "made"), [(trigger, "application/cloudevents+json"), (step, "text/plain")])
def test_a_trigger_may_want_json_and_a_channel_does_not_know_that(tmp_path, wanted, made):
    @running
    async def test():
        async with ground(tmp_path, wanted(format="json")) as one:
            channel = BROKER if wanted is trigger else STEP
            await one.accept(event(1, data=b"x", datacontenttype="text/plain"), channel=channel)
            await one.drained()
            ((_, _, headers),) = one.gateway.requests

            assert headers["content-type"] == made
            assert one.gateway.events("taker")[0].data == b"x"

    test()


@running
async def test_a_reply_enters_the_broker_with_one_hop_less(tmp_path):
    second = trigger("t2", matches=Exact({"type": "answered"}), subscriber=ELSEWHERE, reply=SINK)
    async with ground(tmp_path, trigger(), second) as one:
        one.gateway.answers = {"taker": [replying(1)], "elsewhere": [replying(2, "done")]}
        await one.accept(event(1, extensions={TTL: 7}))
        await one.drained()

        assert [(one.id, one.type) for one in one.gateway.events("elsewhere")] == [("r1", "answered")]
        assert [one.id for one in one.gateway.events("sink")] == ["r2"]
        # what a Broker's filter sends on itself still has the TTL: 7 came in, 6 were kept, the reply entered with 5
        assert one.gateway.events("sink")[0].extensions[TTL] == "5"


@running
async def test_a_reply_that_loops_ends_with_its_hops_and_in_the_dead_letter_sink(tmp_path):
    async with ground(tmp_path, trigger(matches=EVERYTHING, retry=3, dead_letter=SINK)) as one:
        one.gateway.answers["taker"] = [replying(1, "asked")]
        await one.accept(event(1, extensions={TTL: 5}))
        await one.drained()
        (dead,) = one.gateway.events("sink")

        assert one.gateway.counts() == {"e1": 1, "r1": 3}
        assert dead.extensions["knativeerrorcode"] == "400"
        assert dead.extensions["knativeerrordest"] == (
            "http://broker-ingress.knative-eventing.svc.cluster.local/default/orders"
        )


@running
async def test_a_broker_takes_an_answer_that_is_no_event_for_a_failure(tmp_path):
    async with ground(tmp_path, trigger(retry=2, dead_letter=SINK)) as one:
        one.gateway.answers["taker"] = [answering(200, b'{"outputs": []}')]
        await one.accept(event(1))
        await one.drained()
        (dead,) = one.gateway.events("sink")

        assert one.gateway.counts() == {"e1": 3}
        assert "knativeerrorcode" not in dead.extensions  # Knative's filter doesn't tell it either


@running
async def test_a_channel_takes_it_for_the_end(tmp_path):
    async with ground(
        tmp_path, step(retry=2, dead_letter=SINK), step("s2", channel=NEXT_STEP, subscriber=ELSEWHERE)
    ) as one:
        one.gateway.answers["taker"] = [answering(200, b'{"outputs": []}'), replying(2)]
        await one.accept(event(1), channel=STEP)
        await one.drained()
        await one.accept(event(2), channel=STEP)
        await one.drained()

        assert one.gateway.counts() == {"e1": 1, "e2": 1}
        assert [one.gateway.counts(host) for host in ("elsewhere", "sink")] == [{"r2": 1}, {}]


@running
async def test_retries_are_as_many_as_the_policy_says_and_the_dead_letter_tells_why(tmp_path):
    async with ground(tmp_path, trigger(retry=4, dead_letter=SINK, **QUICK)) as one:
        one.gateway.answers["taker"] = [answering(503, b"not today")]
        await one.accept(event(1))
        await one.drained()
        (dead,) = one.gateway.events("sink")

        assert one.gateway.counts() == {"e1": 5}
        assert (dead.id, dead.extensions["knativeerrordest"], dead.extensions["knativeerrorcode"]) == (
            "e1",
            "http://taker.default.svc.cluster.local",
            "503",
        )
        assert b64decode(dead.extensions["knativeerrordata"]) == b"not today"
        assert dead.extensions[TTL] == "255"


@running
async def test_what_is_final_is_not_tried_again(tmp_path):
    async with ground(tmp_path, trigger(retry=4, dead_letter=SINK, **QUICK)) as one:
        one.gateway.answers["taker"] = [answering(422)]
        await one.accept(event(1))
        await one.drained()

        assert (one.gateway.counts(), one.gateway.counts("sink")) == ({"e1": 1}, {"e1": 1})


@running
async def test_the_dead_letter_sink_gets_as_many_tries(tmp_path):
    async with ground(tmp_path, trigger(retry=2, dead_letter=SINK, **QUICK)) as one:
        one.gateway.answers = {"taker": [answering(500)], "sink": [answering(500), answering(500), answering(204)]}
        await one.accept(event(1))
        await one.drained()

        assert (one.gateway.counts(), one.gateway.counts("sink")) == ({"e1": 3}, {"e1": 3})
        assert [(name, dead.status, dead.sink) for name, dead in one.told] == [
            ("t1", 500, "http://sink.default.svc.cluster.local/dead")
        ]


@running
async def test_what_the_dead_letter_sink_does_not_take_is_dropped(tmp_path):
    async with ground(tmp_path, trigger(retry=1, dead_letter=SINK)) as one:
        one.gateway.answers = {"taker": [answering(500)], "sink": [answering(503)]}
        await one.accept(event(1))
        await one.drained()

        assert (one.gateway.counts(), one.gateway.counts("sink")) == ({"e1": 2}, {"e1": 2})
        assert [(dead.status, dead.sink) for _, dead in one.told] == [
            (500, "http://sink.default.svc.cluster.local/dead"),
            (503, ""),
        ]


@running
async def test_without_a_sink_an_event_is_dropped_and_that_is_told_and_kept_in_mind(tmp_path):
    async with ground(tmp_path, trigger(retry=1)) as one:
        one.gateway.answers["taker"] = [answering(500)]
        await one.accept(event(1, data=b"secret"))
        await until(lambda: one.told)
        ((name, dead),) = one.told

        assert (name, dead.id, dead.source, dead.type, dead.status, dead.sink) == (
            "t1",
            "e1",
            "/tests",
            "asked",
            500,
            "",
        )
        assert await one.eventing.dead_letters() == [dead]
        assert await one.eventing.pending() == {}


@running
async def test_a_reply_that_can_not_be_delivered_dead_letters_the_event_that_it_answers(tmp_path):
    async with ground(tmp_path, trigger(retry=2, reply=ELSEWHERE, dead_letter=SINK, **QUICK)) as one:
        one.gateway.answers = {"taker": [replying(1)], "elsewhere": [answering(500)]}
        await one.accept(event(1))
        await one.drained()
        (dead,) = one.gateway.events("sink")

        assert [one.gateway.counts(host) for host in ("taker", "elsewhere")] == [{"e1": 1}, {"r1": 3}]
        assert (dead.id, dead.extensions["knativeerrordest"]) == ("e1", "http://elsewhere.default.svc.cluster.local")


@running
async def test_a_reply_waits_for_a_channel_that_is_not_there_yet(tmp_path):
    first = trigger(reply="broker/default/late/uid", retry=50, backoff_policy="exponential", backoff_delay_seconds=0.0)
    late = trigger("t2", channel="broker/default/late/uid", matches=EVERYTHING, subscriber=ELSEWHERE)
    async with ground(tmp_path, first._replace(delivery=first.delivery._replace(retry=10**6))) as one:
        one.gateway.answers["taker"] = [replying(1)]
        await one.accept(event(1))
        await until(lambda: one.gateway.came)
        one.follow(first, late)
        await one.drained()

        assert [one.gateway.counts(host) for host in ("taker", "elsewhere")] == [{"e1": 1}, {"r1": 1}]


@running
async def test_retry_after_is_waited_for_where_it_is_allowed(tmp_path):
    now = [1_800_000_000.0]
    policy = {"retry": 1, "retry_after_max_seconds": 3000.0}
    async with ground(tmp_path, trigger(**policy), clock=lambda: now[0]) as one:
        one.gateway.answers["taker"] = [answering(429, Retry_After="2000"), answering(204)]
        await one.accept(event(1))
        await until(lambda: one.gateway.came)
        now[0] += 1999
        await one.again(trigger(**policy))
        await asyncio.sleep(0.05)
        assert one.gateway.counts() == {"e1": 1}
        now[0] += 1
        await one.again(trigger(**policy))
        await one.drained()

        assert one.gateway.counts() == {"e1": 2}
