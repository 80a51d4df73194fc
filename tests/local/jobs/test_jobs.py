"""Jobs run to their end as Kubernetes runs them, and begin anew where a twin was killed."""

import asyncio

from poorwill.kinds.kind import EVENT, JOB, POD, Key, key_of
from tests.local.jobs.conftest import NAMESPACE, job, secret


def test_a_job_is_complete_when_its_pod_succeeds_and_its_log_stays(twin):
    async def run():
        async with twin() as ground:
            ground.apply(job("true"))
            await ground.until_end()
            assert ground.conditions() == {
                "SuccessCriteriaMet": "CompletionsReached",
                "Complete": "CompletionsReached",
            }
            told = ground.job()["status"]
            assert (told["succeeded"], told.get("failed"), told.get("active")) == (1, None, None)
            assert told["completionTime"] >= told["startTime"]
            (pod,) = ground.pods()
            assert pod["status"]["phase"] == "Succeeded"
            assert pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 0
            assert ground.log(pod) == "well done\n"

    asyncio.run(run())


def test_a_job_fails_when_its_pods_failed_once_more_than_it_allows(twin):
    async def run():
        async with twin() as ground:
            ground.apply(job("false", backoffLimit=1))
            await ground.until(lambda: ground.job().get("status", {}).get("failed") == 1)
            assert ground.conditions() == {}, "the next one waits for ten seconds"
            ground.clock.seconds += 10
            await ground.until_end()
            assert ground.conditions()["Failed"] == "BackoffLimitExceeded"
            assert ground.job()["status"]["failed"] == 2
            ends = [pod["status"]["containerStatuses"][0]["state"]["terminated"] for pod in ground.pods()]
            assert [(end["exitCode"], end["message"]) for end in ends] == [(3, "the last words\n")] * 2

    asyncio.run(run())


def test_a_pod_that_is_restarted_on_failure_stays_one_pod(twin):
    async def run():
        async with twin() as ground:
            ground.apply(job("once", policy="OnFailure"))
            await ground.until_end()
            assert "Complete" in ground.conditions()
            (pod,) = ground.pods()
            assert pod["status"]["containerStatuses"][0]["restartCount"] == 1

    asyncio.run(run())


def test_as_many_pods_succeed_as_are_asked_for_and_no_more_run_at_once_than_may(twin):
    async def run():
        async with twin() as ground:
            ground.apply(job("true", completions=3, parallelism=2))
            await ground.until_end()
            assert ground.job()["status"]["succeeded"] == 3
            assert len(ground.pods()) == 3

    asyncio.run(run())


def test_a_job_that_takes_too_long_fails_and_its_processes_end(twin):
    async def run():
        async with twin() as ground:
            ground.apply(job("asleep", activeDeadlineSeconds=1))
            await ground.until_end()
            assert ground.conditions()["Failed"] == "DeadlineExceeded"
            await ground.until(lambda: not ground.jobs._runs)
            assert ground.pods() == []

    asyncio.run(run())


def test_a_job_goes_with_its_pods_and_logs_when_it_was_finished_for_long_enough(twin):
    async def run():
        async with twin() as ground:
            ground.apply(job("true", ttlSecondsAfterFinished=0))
            await ground.until(lambda: ground.job() is None)
            await ground.until(lambda: not ground.pods())
            assert list(ground.jobs._folders()) == []

    asyncio.run(run())


def test_a_deleted_job_ends_its_processes_and_takes_its_pods_along(twin):
    async def run():
        async with twin() as ground:
            ground.apply(job("asleep"))
            await ground.until(lambda: len(ground.pods()) == 1)
            ground.state.delete(Key(JOB, NAMESPACE, "nest"))
            await ground.until(lambda: not ground.pods())
            assert list(ground.jobs._folders()) == []

    asyncio.run(run())


def test_a_suspended_job_has_no_pods_until_it_is_resumed(twin):
    async def run():
        async with twin() as ground:
            ground.apply(job("true", suspend=True))
            await ground.until(lambda: "Suspended" in ground.conditions())
            assert ground.pods() == []
            live = ground.job()
            ground.state.update({**live, "spec": {**live["spec"], "suspend": False}})
            await ground.until_end()
            assert "Complete" in ground.conditions()

    asyncio.run(run())


def test_a_killed_twins_jobs_are_begun_anew_and_finished_ones_keep_their_logs(twin):
    async def run():
        async with twin(killed=True) as ground:
            ground.apply(job("true", name="done"))
            await ground.until_end("done")
            await ground.until(lambda: ground.pods("done")[0]["status"]["phase"] == "Succeeded")
            ground.apply(job("asleep", backoffLimit=0))
            await ground.until(ground.pods)
            (before,) = ground.pods()
        async with twin() as ground:
            await ground.until(lambda: ground.pods() and ground.pods()[0]["status"]["phase"] == "Running")
            (after,) = ground.pods()
            assert after["metadata"]["name"] != before["metadata"]["name"]
            assert ground.conditions() == {}, "that was no failure of the Job's own"
            (done,) = ground.pods("done")
            assert ground.log(done) == "well done\n"
            ground.state.delete(Key(JOB, NAMESPACE, "done"))
            await ground.until(lambda: not ground.pods("done"))
            assert ground.log(done) is None

    asyncio.run(run())


def test_an_event_is_a_file_in_the_folder_that_the_environment_names(twin):
    async def run():
        async with twin() as ground:
            mounts = [{"name": "jobsink-event", "mountPath": "/etc/jobsink-event", "readOnly": True}]
            asked = job("telling", container={"volumeMounts": mounts})
            volumes = [{"name": "jobsink-event", "secret": {"secretName": "nest"}}]
            asked["spec"]["template"]["spec"]["volumes"] = volumes
            asked["spec"]["template"]["spec"]["containers"][0]["env"] = [
                {"name": "K_EVENT_PATH", "value": "/etc/jobsink-event"}
            ]
            ground.apply(asked)
            await ground.until(ground.pods)
            assert ground.pods()[0]["status"]["phase"] == "Pending", "its Secret is yet to come"
            ground.apply(secret("nest", event="an event"))
            await ground.until_end()
            (pod,) = ground.pods()
            assert ground.log(pod) == "an event 127.0.0.1:8090\n"

    asyncio.run(run())


def test_a_job_whose_image_is_not_here_says_so_and_waits_for_it(twin):
    async def run():
        async with twin() as ground:
            ground.apply(job("nowhere"))
            await ground.until(lambda: ground.state.list(EVENT, NAMESPACE))
            (event,) = ground.state.list(EVENT, NAMESPACE)
            assert (event["type"], event["reason"], event["involvedObject"]["kind"]) == (
                "Warning",
                "FailedCreate",
                "Job",
            )
            assert ground.conditions() == {}

    asyncio.run(run())


def test_a_job_that_the_twin_cannot_run_fails_and_says_why(twin):
    async def run():
        async with twin() as ground:
            ground.apply(job("true", container={"command": ["sh"]}))
            await ground.until_end()
            assert ground.conditions()["Failed"] == "CommandRefused"
            ground.apply(job("true", name="indexed", completionMode="Indexed", completions=2))
            await ground.until_end("indexed")
            assert ground.conditions("indexed")["Failed"] == "UnsupportedByTwin"
            assert ground.state.list(POD, NAMESPACE) == []

    asyncio.run(run())


def test_a_pod_that_somebody_deletes_counts_as_failed_and_another_takes_its_place(twin):
    async def run():
        async with twin() as ground:
            ground.apply(job("asleep"))
            await ground.until(ground.pods)
            ground.state.delete(key_of(ground.pods()[0]), grace_seconds=0)
            await ground.until(lambda: ground.job()["status"].get("failed") == 1)
            ground.clock.seconds += 10
            await ground.until(lambda: ground.job()["status"].get("active") == 1)

    asyncio.run(run())
