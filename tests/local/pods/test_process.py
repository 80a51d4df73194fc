"""A process of a pod: bound to the twin's life, with a log that has an end."""

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
import time

import pytest

from poorwill.local.pods.process import Launch, Process, bound_log, end_strays, last_words

PATIENCE_SECONDS = 60

PARENT = """
import asyncio, sys
from pathlib import Path
from poorwill.local.pods.process import Launch, Process
async def main(folder):
    launch = Launch((sys.executable, "-c", "import time; time.sleep(600)"), {}, folder, folder / "log")
    print(Process(launch, print).pid, flush=True)
    await asyncio.sleep(600)
asyncio.run(main(Path(sys.argv[1])))
"""


def ended(tmp_path, code, **kwargs):
    """Run a piece of Python; return its exit code and its log."""

    async def run():
        end = asyncio.get_running_loop().create_future()
        launch = Launch((sys.executable, "-c", code), {}, tmp_path, tmp_path / "log", **kwargs)
        Process(launch, end.set_result)
        return await asyncio.wait_for(end, PATIENCE_SECONDS)

    return asyncio.run(run()), (tmp_path / "log").read_text()


def test_an_exit_code_is_told_and_a_signal_as_kubelet_tells_it(tmp_path):
    assert ended(tmp_path, "raise SystemExit(3)") == (3, "")
    assert ended(tmp_path, "import os; os.kill(os.getpid(), 9)") == (137, "")


def test_nothing_comes_on_stdin_whatever_the_twin_was_started_with(tmp_path):
    reading, writing = os.pipe()
    kept = os.dup(0)
    os.dup2(reading, 0)
    try:
        assert ended(tmp_path, "import sys; print(repr(sys.stdin.read()))") == (0, "''\n")
    finally:
        os.dup2(kept, 0)
        for descriptor in (kept, reading, writing):
            os.close(descriptor)


def test_both_outputs_go_to_the_log_in_order(tmp_path):
    code = "import sys; print(1, flush=True); print(2, file=sys.stderr, flush=True); print(3)"

    assert ended(tmp_path, code) == (0, "1\n2\n3\n")


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinity")
def test_a_process_may_use_the_cpus_that_it_was_given(tmp_path):
    one = min(os.sched_getaffinity(0))
    code = "import json, os; print(json.dumps(sorted(os.sched_getaffinity(0))))"

    assert json.loads(ended(tmp_path, code, cpus=frozenset({one}))[1]) == [one]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
@pytest.mark.parametrize("by", ["setpriv", "fork"])
def test_a_killed_parent_takes_its_processes_along(tmp_path, by):
    alone = "from poorwill.local.pods import process; process._binding_command = tuple\n"
    with subprocess.Popen(
        [sys.executable, "-c", alone * (by == "fork") + PARENT, tmp_path], stdout=subprocess.PIPE
    ) as parent:
        pid = int(parent.stdout.readline())
        descriptor = os.pidfd_open(pid)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        deadline = time.monotonic() + PATIENCE_SECONDS
        try:
            # it is no child of ours, so there is no exit code to wait for: its descriptor says when it has ended
            assert select.select([descriptor], [], [], deadline - time.monotonic())[0] == [descriptor]
        finally:
            os.close(descriptor)


@pytest.mark.skipif(sys.platform != "linux", reason="the system doesn't show a process's folder")
def test_what_runs_in_a_folder_of_a_pod_that_is_no_more_is_killed_and_nothing_else(tmp_path):
    pod, other = tmp_path / "pods" / "tmp", tmp_path / "other"
    pod.mkdir(parents=True)
    other.mkdir()
    command = [sys.executable, "-c", "import time; print(flush=True); time.sleep(600)"]
    places = [(pod, pod), (other, other), (pod, other)]
    started = [
        subprocess.Popen(command, cwd=folder, env={"TMPDIR": str(mark)}, stdout=subprocess.PIPE)
        for folder, mark in places
    ]
    try:
        for process in started:
            process.stdout.readline()  # it runs, so its environment can be read
        end_strays(tmp_path / "pods")
        assert started[0].wait(PATIENCE_SECONDS) == -signal.SIGKILL
        assert [process.poll() for process in started[1:]] == [None, None]
    finally:
        for process in started:
            process.kill()
            process.wait()
            process.stdout.close()


def test_last_words_are_the_end_of_a_log_as_kubelet_cuts_it(tmp_path):
    log = tmp_path / "log"
    assert last_words(log) == ""
    log.write_text("".join(f"{number}\n" for number in range(100)))
    assert last_words(log).split() == [str(number) for number in range(20, 100)]
    log.write_text("x" * 5000)
    assert last_words(log) == "x" * 2048


def test_a_log_over_its_limit_goes_on_from_its_start_and_keeps_one_older_part(tmp_path):
    log = tmp_path / "0.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"older")
        bound_log(log, 4)
        writer.write(b"new")
        bound_log(log, 4)

    assert log.read_bytes() == b"new"
    assert (tmp_path / "0.older.log").read_bytes() == b"olde"
