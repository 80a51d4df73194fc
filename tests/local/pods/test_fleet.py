"""Pods start, serve and end as they are asked for; what is real is `poorwill serve`."""

import asyncio
import json
import urllib.request
from pathlib import Path

import pytest

from poorwill.kinds.kind import key_of
from tests.local.pods.conftest import DIGITS, KEY, lives, revision

SAMPLE = Path(__file__).parents[3] / "functions" / "examples" / "nearest_centroid"


def infer(endpoint):
    body = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]}]}
    request = urllib.request.Request(
        f"http://{endpoint.host}:{endpoint.port}/v2/models/tiny/infer",
        json.dumps(body).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - of a pod
        return json.load(answer)["outputs"][0]["data"]


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
            assert "deletionTimestamp" in ground.objects()[0]["metadata"], "kubectl shows it as Terminating"
            gate.set()
            await ground.until(lambda: not ground.pods())
            assert not lives(pid)

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


def test_scaled_down_goes_the_newest(fleet):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision("fake/plain"), 1)
            await ground.until_ready()
            oldest = ground.pod().life.name
            ground.fleet.scale(revision("fake/plain"), 2)
            await ground.until_ready(2)
            ground.fleet.scale(revision("fake/plain"), 1)
            await ground.until(lambda: len(ground.pods()) == 1)
            assert ground.pod().life.name == oldest

    asyncio.run(run())


def test_scaled_down_goes_first_what_is_not_ready(fleet):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision("fake/silent"), 1)
            silent = ground.pod()
            ground.fleet.scale(revision("fake/plain"), 2)
            await ground.until_ready(1)
            ground.fleet.scale(revision("fake/plain"), 1)
            assert silent.draining
            assert len(ground.now().ready) == 1

    asyncio.run(run())


def test_a_registered_function_serves(fleet, tmp_path):
    async def run():
        async with fleet() as ground:
            ground.images.register("localhost/nearest_centroid:1", SAMPLE)
            ground.fleet.scale(revision("localhost/nearest_centroid:1"), 1)
            await ground.until_ready()

    asyncio.run(run())


@pytest.mark.parametrize("first", [1, None])
def test_a_deleted_pod_gets_no_more_seconds_to_end_than_its_deletion_says(fleet, first):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision("fake/stubborn"), 1)
            await ground.until_ready()
            pod = ground.pod()
            (written,) = ground.objects()
            ground.state.delete(key_of(written), grace_seconds=first)
            await ground.until(lambda: ground.drained)
            if first is None:
                await ground.pass_seconds(2)
                assert pod.runs
                ground.state.delete(key_of(written), grace_seconds=1)
            await ground.pass_seconds(1.5)
            await ground.until(pod.gone.is_set)
            await ground.until_ready()

    asyncio.run(run())


def test_what_of_a_manifest_the_twin_can_not_do_keeps_no_function_from_running(fleet, store):
    asked = {
        "livenessProbe": {"exec": {"command": ["/bin/true"]}},
        "startupProbe": {"grpc": {"port": 8080}},
        "workingDir": "/srv/nowhere",
        "ports": [{"name": "h2c", "containerPort": 8080}],
    }

    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision(env=DIGITS, **asked), 1)
            await ground.until_ready()
            (endpoint,) = ground.now().ready
            assert await asyncio.to_thread(infer, endpoint) == [6]

    asyncio.run(run())
