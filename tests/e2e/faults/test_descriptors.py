"""What callers see when there are more of them than the twin was to have files open."""

import asyncio
import resource
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import aiohttp

from tests.e2e.behaviour.ground import SAMPLE
from tests.e2e.faults.twin import OWN

CALLERS = 1200
FEW = 1024


@contextmanager
def started_with_few(twin):
    """Have the twin started with the limit that is usual."""
    twin.poorwill("down")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEW, before[1]))
    try:
        twin.up()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    yield
    twin.poorwill("down")
    twin.up()


def ask_at_once(twin, host, callers):
    """Return how often callers were told what, each on a connection of its own."""

    async def run():
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True)) as session:

            async def one():
                headers = {"Host": host, "Content-Type": "application/json"}
                url = f"{twin.gateway}/v2/models/digits/infer"
                async with session.post(url, data=SAMPLE, headers=headers) as answer:
                    said = await answer.json(content_type=None)
                    assert answer.status == 200 or "Retry-After" in answer.headers
                    return answer.status, said.get("detail", "")

            return Counter(await asyncio.gather(*(one() for _ in range(callers))))

    return asyncio.run(run())


def soft_limit(pid):
    line = next(line for line in Path(f"/proc/{pid}/limits").read_text().splitlines() if "open files" in line)
    return int(line.split()[3])


def test_more_callers_than_the_usual_limit_of_descriptors_wake_a_version_and_are_all_answered(twin):
    with started_with_few(twin):
        pid = twin.pid

        seen = ask_at_once(twin, OWN, CALLERS)

        assert seen == {(200, ""): CALLERS}
        assert twin.pid == pid
        assert soft_limit(pid) > FEW
        functions = [pid for pid, served in twin.processes().items() if served == "digits-v1"]
        assert {soft_limit(function) for function in functions} == {FEW}


def test_callers_for_whom_no_descriptor_is_left_are_told_to_come_back_and_the_others_answered(twin):
    twin.await_sleep("digits-v1")
    pid = twin.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (FEW, before[1]))
    try:
        seen = ask_at_once(twin, OWN, CALLERS)
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)

    assert seen.pop((200, ""))  # how many depends on how fast they come: whose request isn't read yet counts, too
    ((status, words),) = seen
    assert status == 503
    assert "ulimit -n" in words
    assert twin.pid == pid
    assert len((twin.folder / ".poorwill" / "twin.log").read_text().splitlines()) < 20
    assert twin.ask(OWN).right
