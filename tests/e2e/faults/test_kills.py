"""What callers see, and what is kept, when a function, Envoy or the twin itself is killed."""

import json
import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.faults.twin import BROKEN, OTHER, OWN, ROUTE, await_that, statuses

CALLERS = 4
BROKE_OFF = {BROKEN, 502, 503}  # functions may die a moment before Envoy


def awake(twin):
    assert twin.ask(OWN).right
    assert twin.ask(OTHER).right


def test_a_killed_function_costs_only_what_it_had_begun_and_nobody_elses_callers_notice(twin):
    awake(twin)
    first = twin.process("digits-v1")

    with twin.asking(OWN, callers=CALLERS) as answers, twin.asking(OTHER, callers=2) as others:
        await_that(lambda: len(answers) > 20)
        os.kill(first, signal.SIGKILL)
        seen = len(answers)
        await_that(lambda: len(answers) > seen + 100)

    seen = statuses(answers)
    assert set(seen) <= {200, 502, 503}
    assert seen[502] + seen[503] <= 2 * CALLERS  # what each had under way, and a next one at most
    assert set(statuses(others)) == {200}
    assert twin.process("digits-v1") != first


@pytest.mark.parametrize("twin", ["envoy"], indirect=True)
def test_a_version_whose_process_is_killed_again_holds_its_callers_until_the_next_one(twin):
    twin.kubectl("delete", "pod", "-l", "serving.knative.dev/service=digits-v1")
    awake(twin)
    os.kill(twin.process("digits-v1"), signal.SIGKILL)
    await_that(lambda: twin.ask(OWN).right)
    os.kill(twin.process("digits-v1"), signal.SIGKILL)  # the second time it waits for ten seconds, as kubelet has it
    await_that(lambda: "digits-v1" not in twin.processes().values())

    answers = twin.ask_at_once(OWN, 8)

    assert statuses(answers) == {200: 8}


@pytest.mark.parametrize("twin", ["envoy"], indirect=True)
def test_a_killed_envoy_breaks_only_what_it_held_and_is_back(twin):
    awake(twin)
    first, itself = twin.process("envoy"), twin.pid

    with twin.asking(ROUTE, callers=CALLERS) as answers:
        await_that(lambda: len(answers) > 20)
        os.kill(first, signal.SIGKILL)
        seen = len(answers)
        await_that(lambda: len(answers) > seen + 100)

    seen = statuses(answers)
    assert set(seen) <= {200, BROKEN}
    assert seen[BROKEN] <= 2 * CALLERS
    await_that(lambda: "envoy" in twin.processes().values())
    assert twin.process("envoy") != first
    assert twin.pid == itself
    twin.kubectl("get", "ksvc", "digits-v1")


def test_what_kubectl_was_told_before_the_twin_is_killed_is_there_when_it_is_up_again(twin):
    awake(twin)
    twin.kubectl("annotate", "ksvc", "digits-v1", "--overwrite", "mark=before")
    twin.kubectl("apply", "-f", "-", stdin=json.dumps(config_map("noted")))
    before = twin.intent()

    with twin.asking_until_broken(ROUTE, CALLERS) as answers:
        await_that(lambda: len(answers) > 20)
        twin.kill()  # and nothing of it is left running
    twin.up()

    seen = statuses(answers)
    assert set(seen) <= {200, *BROKE_OFF}
    assert seen[BROKEN] == CALLERS  # nobody waits for nothing
    assert twin.intent() == before
    assert not twin.pods("digits-v1")
    assert {answer.version for answer in twin.ask_at_once(ROUTE, 32) if answer.right} == {"1", "2"}


@pytest.mark.parametrize("attempt", range(3))
def test_a_twin_that_is_killed_at_any_instant_of_many_writes_keeps_each_that_it_acknowledged(twin, attempt):
    chance = random.Random(attempt)
    writer = Writer(twin, chance)

    with ThreadPoolExecutor(1) as pool, twin.asking_until_broken(ROUTE, 2) as answers:
        writing = pool.submit(writer.write)
        await_that(lambda: writer.acknowledged)
        time.sleep(chance.random() / 2)  # an instant that nobody chose
        twin.kill()
        writing.result()
    twin.up()

    assert set(statuses(answers)) <= {200, *BROKE_OFF}
    writer.check()
    assert twin.ask(ROUTE).right


def config_map(name, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def split(percent):
    entry = {"latestRevision": True}
    v1 = entry | {"tag": "v1", "configurationName": "digits-v1", "percent": percent}
    v2 = entry | {"tag": "v2", "configurationName": "digits-v2", "percent": 100 - percent}
    return {"spec": {"traffic": [v1, v2]}}


class Writer:
    """Makes ConfigMaps, and moves traffic, until the twin is gone; remembers what was acknowledged."""

    def __init__(self, twin, chance):
        self.twin, self.chance = twin, chance
        self.acknowledged = []
        self.percents = []  # the last acknowledged one, and the one that may have been written since
        self.run = chance.randrange(10**9)

    def write(self):
        with self.twin.api() as write:
            self.write_by(write)

    def write_by(self, write):
        for number in range(10**6):
            name = f"noted-{self.run}-{number}"
            body = config_map(name, filler="x" * self.chance.randrange(9000))
            if write("POST", "/api/v1/namespaces/default/configmaps", body) != 201:
                return
            self.acknowledged.append(name)
            percent = self.chance.randrange(1, 100)
            self.percents = [*self.percents[-1:], percent]
            path = "/apis/serving.knative.dev/v1/namespaces/default/routes/digits"
            if write("PATCH", path, split(percent)) != 200:
                return
            self.percents = [percent]

    def check(self):
        there = {name for kind, name in self.twin.intent() if kind == "ConfigMap" and str(self.run) in name}
        assert set(self.acknowledged) <= there
        assert len(there) <= len(self.acknowledged) + 1  # one may be written and not told
        for part in ("spec", "status"):
            self.await_percent(part)

    def await_percent(self, part):
        def percent():
            return next(item["percent"] for item in self.twin.show("rt", "digits")[part]["traffic"])

        if self.percents:
            await_that(lambda: percent() in self.percents)
