"""Pods start, serve, end and start again as a cluster's do; what is real is `poorwill serve`."""

import asyncio
import json
import os
import signal
import urllib.request
from pathlib import Path

from poorwill.kinds.kind import CONFIG_MAP, POD, REVISION, Key
from tests.local.pods.conftest import KEY, revision, variables

SAMPLE = Path(__file__).parents[3] / "functions" / "examples" / "nearest_centroid"
DIGITS = variables(POORWILL_MODEL="tiny@1", POORWILL_STORE="store")


def infer(endpoint):
    body = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]}]}
    request = urllib.request.Request(
        f"http://{endpoint.host}:{endpoint.port}/v2/models/tiny/infer",
        json.dumps(body).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - of a pod
        return json.load(answer)["outputs"][0]["data"]


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_scaled_revision_serves_and_one_scaled_to_zero_leaves_nothing(fleet, store, tmp_path):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision(env=DIGITS), 1)
            assert ground.now().starting == 1
            await ground.until_ready()
            (endpoint,) = ground.now().ready
            assert await asyncio.to_thread(infer, endpoint) == [6]
            pod = ground.pod()
            assert pod.folder.is_dir()
            ground.fleet.scale(revision(env=DIGITS), 0)
            assert ground.now().ready == ()
            await ground.until(lambda: not ground.pods())
            assert not pod.folder.exists()
            assert ground.objects() == []
            assert ground.drained == [(KEY, ())], "the endpoint goes first, then the hook, then the signal"

    asyncio.run(run())


def test_each_change_of_a_revision_is_told_once(fleet, store):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision(env=DIGITS), 1)
            ground.fleet.scale(revision(env=DIGITS), 1)
            await ground.until_ready()
            assert [(state.desired, len(state.ready), state.starting) for _, state in ground.heard] == [
                (1, 0, 1),
                (1, 1, 0),
            ]

    asyncio.run(run())


def test_sigterm_waits_until_the_data_path_has_let_go(fleet):
    async def run():
        async with fleet() as ground:
            gate = asyncio.Event()
            ground.before_drain = gate.wait
            ground.fleet.scale(revision("fake/plain"), 1)
            await ground.until_ready()
            pid = ground.pid()
            ground.fleet.scale(revision("fake/plain"), 0)
            await ground.until(lambda: ground.drained)
            assert lives(pid)
            gate.set()
            await ground.until(lambda: not ground.pods())
            assert not lives(pid)

    asyncio.run(run())


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


def test_an_image_from_elsewhere_is_refused_at_once_in_the_words_of_knative(fleet):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision("docker.io/library/nginx:1"), 1)
            failure = ground.now().failure
            assert failure.reason == "ContainerMissing"
            assert failure.message.startswith('Unable to fetch image "docker.io/library/nginx:1": the twin runs')
            assert ground.pods() == []
            assert ground.heard == [(KEY, ground.now())]

    asyncio.run(run())


def test_a_pod_without_its_config_map_waits_and_starts_when_it_comes(fleet, store):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision(env=DIGITS[:1], envFrom=[{"configMapRef": {"name": "store"}}]), 1)
            assert ground.container()["state"]["waiting"] == {
                "reason": "CreateContainerConfigError",
                "message": 'configmap "store" not found',
            }
            assert ground.objects()[0]["status"]["phase"] == "Pending"
            ground.state.create(
                {
                    "apiVersion": CONFIG_MAP.api_version,
                    "kind": CONFIG_MAP.kind,
                    "metadata": {"name": "store", "namespace": KEY.namespace},
                    "data": {"POORWILL_STORE": str(store)},
                }
            )
            await ground.until_ready()
            assert ground.container()["restartCount"] == 0

    asyncio.run(run())


def test_a_deleted_pod_ends_and_another_takes_its_place(fleet):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision("fake/plain"), 1)
            await ground.until_ready()
            (old,) = ground.objects()
            ground.state.delete(Key(POD, KEY.namespace, old["metadata"]["name"]))
            assert ground.state.list(POD)[0]["metadata"]["deletionTimestamp"], "seen until its process has ended"
            await ground.until_ready()
            await ground.until(lambda: len(ground.pods()) == 1)
            (new,) = ground.objects()
            assert new["metadata"]["name"] != old["metadata"]["name"]

    asyncio.run(run())


def test_a_deleted_revision_ends_its_pods(fleet):
    async def run():
        async with fleet() as ground:
            live = ground.state.create(revision("fake/plain"))
            ground.fleet.scale(live, 2)
            await ground.until_ready(2)
            ground.state.delete(Key(REVISION, KEY.namespace, KEY.name))
            await ground.until(lambda: not ground.pods())
            assert ground.fleet.state(KEY) is None

    asyncio.run(run())


def test_scaled_down_goes_what_is_not_ready_and_then_the_newest(fleet):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision("fake/plain"), 1)
            await ground.until_ready()
            oldest = ground.pod().life.name
            ground.fleet.scale(revision("fake/plain"), 2)
            await ground.until_ready(2)
            ground.fleet.scale(revision("fake/silent"), 3)
            newest = ground.pods()[-1]
            ground.fleet.scale(revision("fake/plain"), 2)
            assert newest.draining
            ground.fleet.scale(revision("fake/plain"), 1)
            await ground.until(lambda: len(ground.pods()) == 1)
            assert ground.pod().life.name == oldest

    asyncio.run(run())


def test_a_process_sees_what_the_manifest_says_and_no_more(fleet, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-callers-own")

    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision("fake/telling", env=variables(MINE="1", POORWILL_METRICS_PORT="9095")), 1)
            await ground.until_ready()
            told, place = ground.log().splitlines()[:2]
            seen = json.loads(told)
            assert sorted(seen.keys() - {"LC_CTYPE"}) == [
                "HOME",
                "K_CONFIGURATION",
                "K_REVISION",
                "K_SERVICE",
                "LANG",
                "MINE",
                "OMP_NUM_THREADS",
                "OPENBLAS_NUM_THREADS",
                "ORT_DISABLE_TELEMETRY",
                "PATH",
                "POORWILL_HOST",
                "POORWILL_METRICS_PORT",
                "PORT",
                "TMPDIR",
            ]
            assert seen["K_REVISION"] == KEY.name
            assert seen["POORWILL_METRICS_PORT"] != "9095"
            assert place == f"{seen['TMPDIR']} True", "an empty folder of its own, and nothing on stdin"

    asyncio.run(run())


def test_the_pod_object_is_what_kubelet_and_knative_would_write(fleet):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision("fake/plain", annotations={"prometheus.io/port": "9095"}), 1)
            await ground.until_ready()
            (pod,) = ground.objects()
            (endpoint,) = ground.now().ready
            assert (
                pod["metadata"]["labels"].items()
                >= {
                    "app": KEY.name,
                    "serving.knative.dev/revision": KEY.name,
                    "serving.knative.dev/service": "tiny-v1",
                }.items()
            )
            assert "serving.knative.dev/routingState" not in pod["metadata"]["labels"]
            assert pod["metadata"]["ownerReferences"][0]["kind"] == "Revision"
            assert pod["status"]["phase"] == "Running"
            assert {entry["type"]: entry["status"] for entry in pod["status"]["conditions"]} == {
                "ContainersReady": "True",
                "Initialized": "True",
                "PodReadyToStartContainers": "True",
                "PodScheduled": "True",
                "Ready": "True",
            }
            status = ground.container()
            assert (status["ready"], status["started"], status["restartCount"]) == (True, True, 0)
            assert "running" in status["state"]
            assert pod["spec"]["containers"][0]["ports"][0]["containerPort"] == endpoint.port
            assert pod["spec"]["terminationGracePeriodSeconds"] == 300

    asyncio.run(run())


def test_a_new_fleet_removes_the_pods_and_files_that_an_old_one_left(fleet, tmp_path):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision("fake/plain"), 1)
            await ground.until_ready()
            (pod,) = ground.objects()
        left = tmp_path / "pods" / "default" / "left"
        left.mkdir(parents=True)
        async with fleet() as ground:
            assert ground.state.list(POD) == []
            assert not left.exists()
            ground.state.create({**pod, "metadata": {**pod["metadata"], "name": "left"}})
        async with fleet() as ground:
            assert ground.state.list(POD) == []

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


def test_a_function_folder_that_was_not_registered_is_refused(fleet):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision(env=variables(POORWILL_FUNCTION="/somewhere")), 1)
            waiting = ground.container()["state"]["waiting"]
            assert waiting["reason"] == "CreateContainerConfigError"
            assert waiting["message"].startswith("POORWILL_FUNCTION: ")
            assert not ground.pod().runs

    asyncio.run(run())


def test_a_registered_function_serves(fleet, tmp_path):
    async def run():
        async with fleet() as ground:
            ground.images.register("localhost/nearest_centroid:1", SAMPLE)
            ground.fleet.scale(revision("localhost/nearest_centroid:1"), 1)
            await ground.until_ready()

    asyncio.run(run())


def test_logs_are_had_by_pod_and_container_also_those_before_the_restart(fleet):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision("fake/crashing"), 1)
            await ground.until(lambda: ground.pod().life.restarts == 1 and not ground.pod().runs)
            assert ground.log() == "one line\nthe last words\n"
            assert ground.log(previous=True) == "one line\nthe last words\n"
            name = ground.pod().life.name
            assert ground.fleet.log(KEY.namespace, name, "another", previous=False) is None
            assert ground.fleet.log("another", name, "predictor", previous=False) is None

    asyncio.run(run())
