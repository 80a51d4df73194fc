"""No event that was accepted is lost, whatever happens to the process: kill -9 in the middle, again and again."""

import asyncio
import random
import signal
import socket
import sys
from collections import defaultdict
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.local.eventing.grounds import SINK, Gateway, answering, event, ground, replying, running, trigger, until
from tests.local.eventing.killable import HOST, PATH

KILLS, SENDERS, ARRIVAL_SECONDS = 6, 8, 10
GOOD, FINAL = {200, 204}, {200, 204, 301, 422}
PROGRAM = Path(__file__).with_name("killable.py")


class Sender:
    """Sends events by as many connections as there are senders, and keeps which ones were accepted."""

    def __init__(self, port):
        self._url = f"http://127.0.0.1:{port}{PATH}"
        self._number = 0
        self.accepted = set()

    async def run(self, is_over):
        async with aiohttp.ClientSession() as session:
            while not is_over.is_set():
                self._number += 1
                name = f"e{self._number}"
                headers = {"Host": HOST, "ce-specversion": "1.0", "ce-id": name, "ce-source": "/s", "ce-type": "asked"}
                try:
                    async with session.post(self._url, headers=headers, data=b"{}") as answer:
                        assert answer.status == 202
                        self.accepted.add(name)
                except aiohttp.ClientError:
                    continue  # it was killed: whether that event is on the disk, nobody knows


@asynccontextmanager
async def process(folder, listening, gateway_port):
    """Run the program, and end it as nothing else may."""
    arguments = (str(PROGRAM), str(folder), str(listening.fileno()), str(gateway_port))
    one = await asyncio.create_subprocess_exec(sys.executable, *arguments, pass_fds=[listening.fileno()])
    try:
        yield one
    finally:
        one.send_signal(signal.SIGKILL)
        await one.wait()


@pytest.mark.parametrize("seed", [1, 2])
def test_every_event_that_was_accepted_arrives_over_six_kills(tmp_path, seed):
    @running
    async def test():
        chance = random.Random(seed)
        gateway = Gateway()
        gateway.answers = {"taker": [answered(gateway, chance)], "listener": [answering(204)]}
        await gateway.start()
        with socket.create_server(("127.0.0.1", 0)) as listening:
            sender, is_over = Sender(listening.getsockname()[1]), asyncio.Event()
            senders = [asyncio.create_task(sender.run(is_over)) for _ in range(SENDERS)]
            for _ in range(KILLS):
                seen = len(sender.accepted) + chance.randrange(20, 200)
                async with process(tmp_path, listening, gateway.address[1]):
                    await until(lambda least=seen: len(sender.accepted) >= least)
            is_over.set()
            async with process(tmp_path, listening, gateway.address[1]):
                await asyncio.gather(*senders)
                replies = {f"r-{name}" for name in sender.accepted}
                with suppress(TimeoutError):
                    async with asyncio.timeout(ARRIVAL_SECONDS):
                        await until(lambda: replies <= gateway.counts("listener").keys())
        await gateway.stop()

        assert len(sender.accepted) >= KILLS * 20
        assert sender.accepted - gateway.counts().keys() == set()
        assert replies - gateway.counts("listener").keys() == set()

    test()


def answered(gateway, chance):
    """Answer with an event that is made of the one that came, or, now and then, not at all."""

    def answer():
        if chance.random() < 0.1:
            return answering(503)()
        return replying(f"-{gateway.events('taker')[-1].id}")()

    return answer


@settings(max_examples=25)
@given(
    st.lists(st.sampled_from(["accept", "restart", "rest"]), min_size=1, max_size=12),
    st.lists(st.sampled_from([204, 200, 500, 503, 404, 422, 301]), min_size=1, max_size=20),
    st.integers(0, 3),
)
def test_each_event_is_delivered_or_dead_lettered_as_often_as_the_policy_says(tmp_path_factory, acts, statuses, retry):
    statuses += [statuses[-1]] * 40
    needed = min(next((at for at, one in enumerate(statuses) if one in FINAL), retry), retry) + 1

    @running
    async def test():
        policy = trigger(retry=retry, backoff_policy="linear", backoff_delay_seconds=0.002, dead_letter=SINK)
        async with ground(tmp_path_factory.mktemp("acts"), policy) as one:
            given_to = defaultdict(list)

            def answer():
                given = given_to[one.gateway.events("taker")[-1].id]
                given.append(statuses[len(given)])
                return answering(given[-1])()

            one.gateway.answers["taker"] = [answer]
            accepted, restarts = set(), 0
            for number, act in enumerate(acts):
                if act == "accept":
                    await one.accept(event(number))
                    accepted.add(f"e{number}")
                elif act == "restart":
                    restarts += 1
                    await one.again(policy)
                else:
                    await asyncio.sleep(0.003)
            await one.drained()

            tries, dead = one.gateway.counts(), one.gateway.counts("sink")
            assert tries.keys() == accepted
            for name in accepted:  # a restart may break off one try, which is then repeated
                assert needed <= tries[name] <= retry + 1 + restarts
                assert name in dead or GOOD & {*given_to[name]}
            if not restarts:
                assert dict(tries) == dict.fromkeys(accepted, needed)
                assert dict(dead) == ({} if statuses[needed - 1] in GOOD else dict.fromkeys(accepted, 1))

    test()
