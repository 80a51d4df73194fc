"""Revisions that are deleted, or refused, and come again under the same name."""

import asyncio

from poorwill.kinds.kind import REVISION, Key
from tests.local.pods.conftest import KEY, lives, revision
from tests.local.pods.test_fleet import SAMPLE


def test_a_revision_made_anew_under_its_name_starts_while_the_old_ones_pod_still_ends(fleet):
    async def run():
        async with fleet() as ground:
            gate = asyncio.Event()
            ground.before_drain = gate.wait
            ground.fleet.scale(revision("fake/plain", uid="old"), 1)
            await ground.until_ready()
            old = ground.pod()
            ground.fleet.scale(revision("fake/plain", uid="new"), 1)
            assert ground.now().ready == ()
            assert old.draining
            await ground.until_ready()
            assert len(ground.pods()) == 2
            gate.set()
            await ground.until(lambda: len(ground.pods()) == 1)
            assert not old.folder.exists()
            assert len(ground.now().ready) == 1

    asyncio.run(run())


def test_a_revision_made_anew_fails_by_its_own_pods_whatever_the_old_ones_achieved(fleet):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision("fake/plain", uid="old"), 1)
            await ground.until_ready()
            short = {"serving.knative.dev/progress-deadline": "60s"}
            ground.fleet.scale(revision("fake/crashing", uid="new", annotations=short), 1)
            await ground.until(lambda: any(pod.life.restarts and not pod.runs for pod in ground.pods()))
            await ground.pass_seconds(61)
            assert ground.now().failure.reason == "ExitCode3"

    asyncio.run(run())


def test_a_revision_that_is_deleted_drains_and_is_known_no_more(fleet):
    async def run():
        async with fleet() as ground:
            made = ground.state.create(revision("fake/plain"))
            ground.fleet.scale(made, 1)
            await ground.until_ready()
            pid = ground.pid()
            ground.state.delete(Key(REVISION, *KEY))
            assert ground.now() is None
            await ground.until(lambda: not ground.pods())
            assert not lives(pid)
            assert not ground.fleet._ended

    asyncio.run(run())


def test_an_image_that_is_registered_after_it_was_refused_is_started(fleet):
    async def run():
        async with fleet() as ground:
            ground.fleet.scale(revision("localhost/late:1"), 1)
            assert ground.now().failure.reason == "ContainerMissing"
            ground.images.register("localhost/late:1", SAMPLE)
            await ground.pass_seconds(2)
            assert ground.now().failure is None
            await ground.until_ready()

    asyncio.run(run())
