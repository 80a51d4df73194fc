"""The objects of pods follow the pods, and pods follow what others do to objects."""

import asyncio
import json

from poorwill.kinds.kind import CONFIG_MAP, POD, REVISION, Key
from tests.local.pods.conftest import DIGITS, KEY, revision, variables


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
            assert ground.heard[-1] == (KEY, None), "told before any process ends"
            await ground.until(lambda: not ground.pods())
            assert ground.fleet.state(KEY) is None

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
                "POORWILL_GATEWAY",
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
