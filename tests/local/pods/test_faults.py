"""What a pod that crashes, hangs, lies or eats does to its revision: what a real cluster was seen to say."""

import asyncio
import os
import resource
import signal

from poorwill.kinds.kind import POD
from tests.local.pods.conftest import DIGITS, lives, revision, variables


def test_what_ignores_sigterm_is_killed_when_its_grace_is_over(fleet):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision("fake/stubborn", timeout_seconds=40), 1)
            await ground.until_ready()
            pid = ground.pid()
            ground.fleet.scale(revision("fake/stubborn", timeout_seconds=40), 0)
            await ground.until(lambda: ground.drained)
            await ground.pass_seconds(39)
            assert lives(pid)
            await ground.pass_seconds(2)
            await ground.until(lambda: not ground.pods())
            assert not lives(pid)

    asyncio.run(run())


def test_a_killed_pod_starts_again_at_once_and_the_next_time_after_ten_seconds(fleet, store):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision(env=DIGITS), 1)
            await ground.until_ready()
            first = ground.pid()
            os.kill(first, signal.SIGKILL)
            await ground.until(lambda: ground.pod().life.restarts == 1)
            assert ground.now().failure.reason == "ExitCode137"
            await ground.until_ready()
            assert ground.now().failure is None
            ended = ground.container()["lastState"]["terminated"]
            assert (ended["exitCode"], ended["reason"]) == (137, "Error")
            os.kill(ground.pid(), signal.SIGKILL)
            await ground.until(lambda: not ground.now().ready)
            waiting = ground.container()["state"]["waiting"]
            assert waiting["reason"] == "CrashLoopBackOff"
            assert waiting["message"].startswith(
                "back-off 10s restarting failed container=predictor pod=tiny-v1-00001-"
            )
            await ground.pass_seconds(9)
            assert not ground.pod().runs
            await ground.pass_seconds(2)
            await ground.until_ready()
            assert ground.container()["restartCount"] == 2

    asyncio.run(run())


def test_a_crash_at_start_is_a_failure_at_the_deadline_with_its_last_words(fleet):
    async def run():
        async with fleet() as ground:
            asked = revision("fake/crashing", annotations={"serving.knative.dev/progress-deadline": "60s"})
            ground.fleet.scale(asked, 1)
            await ground.until(lambda: ground.pod().life.restarts == 1 and not ground.pod().runs)
            assert ground.now().failure is None, "Knative doesn't look before"
            await ground.pass_seconds(61)
            failure = ground.now().failure
            assert failure == ("ExitCode3", "Container failed with: one line\nthe last words\n", "ContainerHealthy")
            ground.fleet.scale(asked, 0)
            await ground.until(lambda: not ground.pods())
            assert ground.now().failure == failure, "it stays so until a pod gets ready"

    asyncio.run(run())


def test_what_never_gets_ready_fails_at_the_deadline(fleet):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision("fake/silent"), 1)
            await ground.pass_seconds(599)
            assert ground.now().failure is None
            await ground.pass_seconds(2)
            assert ground.now().failure == (
                "ProgressDeadlineExceeded",
                "Initial scale was never achieved",
                "ResourcesAvailable",
            )

    asyncio.run(run())


def test_a_version_of_another_digest_fails_and_its_last_words_name_it(fleet, store):
    async def run():
        async with fleet() as ground:
            env = [*DIGITS, *variables(POORWILL_DIGEST="sha256:" + "0" * 64)]
            ground.fleet.scale(revision(env=env), 1)
            await ground.until(lambda: ground.pod().life.last)
            await ground.pass_seconds(601)
            failure = ground.now().failure
            assert failure.reason.startswith("ExitCode")
            assert "digest" in failure.message

    asyncio.run(run())


def test_a_command_that_is_not_there_ends_as_kubelet_says(fleet):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision("fake/absent"), 1)
            await ground.pass_seconds(601)
            assert ground.now().failure == (
                "ExitCode128",
                "Container failed with: /nothing-here: No such file or directory\n",
                "ContainerHealthy",
            )

    asyncio.run(run())


def test_a_pod_that_says_it_is_not_ready_gets_no_requests_until_it_is_again(fleet):
    async def run():
        async with fleet() as ground:
            probe = {"httpGet": {"path": "/", "port": 0}, "periodSeconds": 1, "failureThreshold": 1}
            ground.fleet.scale(revision("fake/moody", readinessProbe=probe), 1)
            answer = ground.pod().folder / "tmp" / "answer"
            answer.write_bytes(b"HTTP/1.0 200 OK\r\n\r\n")
            await ground.until_ready()
            answer.write_bytes(b"HTTP/1.0 503 Not now\r\n\r\n")
            await ground.until_ready(0)
            assert ground.container()["ready"] is False
            assert ground.now().starting == 1
            answer.write_bytes(b"HTTP/1.0 200 OK\r\n\r\n")
            await ground.until_ready()
            assert ground.pod().life.restarts == 0

    asyncio.run(run())


def test_memory_over_the_limit_is_killed_as_out_of_memory(fleet):
    async def run():
        async with fleet() as ground:
            limits = {"limits": {"memory": "100Mi"}}
            ground.fleet.scale(revision("fake/hungry", resources=limits), 1)
            await ground.until(lambda: ground.pod().life.last)
            ended = ground.container()["lastState"]["terminated"]
            assert (ended["exitCode"], ended["reason"]) == (137, "OOMKilled")

    asyncio.run(run())


def test_what_a_process_started_ends_with_it(fleet):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision("fake/parent"), 1)
            await ground.until_ready()
            child = int(ground.log().splitlines()[0])
            assert lives(child)
            os.kill(ground.pid(), signal.SIGKILL)
            await ground.until(lambda: not lives(child))

    asyncio.run(run())


def test_stopping_ends_every_pod_also_one_that_ignores_it(fleet):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision("fake/stubborn"), 2)
            await ground.until_ready(2)
            pids = [pod._process.pid for pod in ground.pods()]
            stopping = asyncio.ensure_future(ground.fleet.stop(30))
            await asyncio.sleep(0)
            assert all(map(lives, pids))
            ground.clock.seconds += 31
            await stopping
            assert not any(map(lives, pids))
            assert ground.state.list(POD) == []

    asyncio.run(run())


def test_a_wake_that_crashes_leaves_a_revision_that_was_ready_once_as_it_was(fleet):
    async def run():
        async with fleet() as ground:
            asked = revision("fake/crashing")
            asked["status"] = {"conditions": [{"type": "ResourcesAvailable", "status": "True"}]}
            ground.fleet.scale(asked, 1)
            await ground.until(lambda: ground.pod().life.restarts == 1)
            await ground.pass_seconds(601)
            assert ground.now().failure is None

    asyncio.run(run())


def test_a_pod_whose_beat_fails_stops_neither_the_others_nor_its_own_end(fleet, caplog):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision("fake/stubborn", timeout_seconds=40), 2)
            await ground.until_ready(2)
            first, second = ground.pods()
            (first.folder / "0.older.log").mkdir()  # what is over the limit can't go there
            first.log().write_bytes(b"secret" * (2 << 20))
            os.kill(second._process.pid, signal.SIGKILL)
            await ground.until(lambda: second.life.restarts == 1)
            os.kill(second._process.pid, signal.SIGKILL)
            await ground.until(lambda: not second.runs)
            await ground.pass_seconds(11)
            await ground.until_ready(2)
            ground.fleet.scale(revision("fake/stubborn", timeout_seconds=40), 0)
            await ground.until(lambda: len(ground.drained) == 2)
            await ground.pass_seconds(41)
            await ground.until(lambda: not ground.pods())

    asyncio.run(run())

    told = [record.getMessage() for record in caplog.records if record.name == "poorwill.local.fence"]
    assert len(told) == 1
    assert told[0].startswith("a pod's beat failed: IsADirectoryError at ")


def test_a_pod_that_starts_when_no_descriptor_is_left_is_tried_again(fleet):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision("fake/plain"), 1)
            await ground.until_ready()
            limits = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
            try:
                ground.fleet.scale(revision("fake/plain"), 2)
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            await ground.pass_seconds(11)
            await ground.until_ready(2)

    asyncio.run(run())
