"""What is kept, and who is told what, when a twin is to end, can't begin, or can't write."""

import json
import resource
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.behaviour.ground import environment
from tests.e2e.faults.twin import BROKEN, OTHER, OWN, ROUTE, await_that, lives, statuses

CALLERS = 4


@pytest.fixture
def slow(twin):
    """Return the host of a function that takes its time, awake."""
    host = twin.serve("slow", function="slow")
    assert twin.ask(host).right
    return host


def test_down_under_load_ends_what_was_begun_and_leaves_nothing_running(twin, slow):
    pids = [twin.pid, *twin.processes()]

    with ThreadPoolExecutor(CALLERS) as pool, twin.asking_until_broken(ROUTE, CALLERS) as others:
        await_that(lambda: len(others) > 20)
        begun = [pool.submit(twin.ask, slow) for _ in range(CALLERS)]
        await_that(lambda: at_work(twin.process("slow")) >= CALLERS)
        twin.poorwill("down")
        answers = [one.result() for one in begun]

    await_that(lambda: not any(map(lives, pids)))
    assert statuses(answers) == {200: CALLERS}
    assert statuses(others)[BROKEN] == CALLERS
    assert set(statuses(others)) == {200, BROKEN}


def at_work(pid):
    """Return how many connections a process has taken."""
    mine = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            mine.add(str(descriptor.readlink()))
        except FileNotFoundError:
            continue
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(line[3] == "01" and f"socket:[{line[9]}]" in mine for line in lines)


@pytest.mark.parametrize("twin", ["activator"], indirect=True)
def test_a_second_ctrl_c_ends_it_at_once_with_all_that_runs(twin, slow):
    twin.poorwill("down")
    command = [sys.executable, "-m", "poorwill", "up", "--port", str(urlsplit(twin.gateway).port)]
    with subprocess.Popen(
        [*command, "--data-path", twin.carrier],
        cwd=twin.folder,
        env=twin.environment,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        await_that(lambda: twin.is_up)
        assert twin.ask(slow).right
        pids = [process.pid, *twin.processes()]
        with ThreadPoolExecutor(2) as pool:
            asked = [pool.submit(twin.ask, slow) for _ in range(2)]  # the first connection was there before
            await_that(lambda: at_work(pids[1]) >= 2)
            process.send_signal(signal.SIGINT)
            await_that(lambda: twin.ask(OWN, timeout_seconds=1).status == BROKEN)
            process.send_signal(signal.SIGINT)
            process.wait()
            answers = [one.result() for one in asked]
    await_that(lambda: not any(map(lives, pids)))

    assert len(pids) == 2
    assert statuses(answers) == {BROKEN: 2}


@pytest.mark.parametrize("twin", ["envoy"], indirect=True)
def test_a_second_twin_on_the_folder_and_one_on_its_port_are_refused_and_the_first_goes_on(twin, tmp_path):
    port = urlsplit(twin.gateway).port
    alone = twin._replace(environment=environment())
    with twin.asking(OWN, callers=1) as answers:
        again = [alone.poorwill("up", *how, code=73) for how in ((), ("--detach",))]
        taken = [
            alone.poorwill("up", "--twin", tmp_path / "other", "--port", port, *how, code=2)
            for how in ((), ("--detach",))
        ]

    assert all(str(twin.pid) in done.stderr and "poorwill down" in done.stderr for done in again)
    assert all(f"{port}, which is taken" in done.stderr for done in taken)
    assert not any("Traceback" in done.stderr for done in (*again, *taken))
    assert set(statuses(answers)) == {200}


def woken_without_room_for_the_twin(twin, limits):
    """Ask a sleeping version, whose process gets limits of its own: it would have the twin's."""
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(twin.ask_at_once, OTHER, 8)
        await_that(lambda: "digits-v2" in twin.processes().values())
        resource.prlimit(twin.process("digits-v2"), resource.RLIMIT_FSIZE, limits)
        return asked.result()


@pytest.mark.parametrize("twin", ["envoy"], indirect=True)
def test_when_the_disk_is_full_a_write_is_refused_whole_and_requests_are_answered_by_who_wakes_too(twin):
    twin.await_sleep("digits-v2")
    assert twin.ask(OWN).right
    noted = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "full"}, "data": {"a": "b"}})
    before, itself = twin.intent(), twin.pid

    whole = resource.prlimit(itself, resource.RLIMIT_FSIZE)
    resource.prlimit(itself, resource.RLIMIT_FSIZE, (1, whole[1]))  # no file grows, as on a disk without room
    try:
        with twin.asking(OWN, callers=1) as answers:
            refused = twin.kubectl("create", "-f", "-", stdin=noted, code=1)
            twin.kubectl("annotate", "ksvc", "digits-v1", "mark=full", "--overwrite", code=1)
            twin.kubectl("get", "configmap", "full", code=1)
            during = twin.intent()
            woken = woken_without_room_for_the_twin(twin, whole)
    finally:
        resource.prlimit(itself, resource.RLIMIT_FSIZE, whole)
    twin.kubectl("create", "-f", "-", stdin=noted)

    assert "disk" in refused.stderr
    assert during == before
    assert set(statuses([*answers, *woken])) == {200}
    assert twin.pid == itself
    twin.kill()
    twin.up()
    assert twin.intent().keys() - before.keys() == {("ConfigMap", "full")}
    twin.kubectl("delete", "configmap", "full")
