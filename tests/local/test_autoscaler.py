"""What becomes of revisions that come, go, come again and fail, beside each other."""

import asyncio
import time
from contextlib import contextmanager

from poorwill.kinds.kind import REVISION, Key
from poorwill.local.autoscaler import Autoscaler
from poorwill.local.control.control import Control
from poorwill.local.revision import RevisionKey
from poorwill.local.scaling.defaults import KNATIVE
from poorwill.local.scaling.scaler import Scaler
from tests.local.pods.conftest import KEY, fleet, revision

__all__ = ["fleet"]
OTHER = RevisionKey("other", KEY.name)


@contextmanager
def scaling(ground):
    """Yield an autoscaler of a ground that hears of its pods."""
    control = Control(ground.state, ground.fleet.state, domain="localhost", port=80)
    autoscaler = Autoscaler(ground.state, control, ground.fleet, Scaler(time.monotonic, KNATIVE))
    ground.fleet._changed = autoscaler.pods_changed
    yield autoscaler


def of(key, image="fake/plain"):
    made = revision(image)
    return {**made, "metadata": {**made["metadata"], "namespace": key.namespace}}


def test_a_revision_that_is_made_anew_before_anybody_looked_gets_its_pods(fleet):
    async def run():
        async with fleet() as ground:
            with scaling(ground) as autoscaler:
                ground.state.create(of(KEY))
                autoscaler.revisions_changed()
                await ground.until_ready()
                ground.state.delete(Key(REVISION, *KEY))
                ground.state.create(of(KEY))
                autoscaler.revisions_changed()
                await ground.until_ready()

    asyncio.run(run())


def test_a_revision_whose_pods_can_not_be_made_stops_no_other_and_is_tried_again(fleet, tmp_path, caplog):
    async def run():
        async with fleet() as ground:
            with scaling(ground) as autoscaler:
                (tmp_path / "pods" / KEY.namespace).write_text("where a folder is wanted")
                ground.state.create(of(KEY))
                ground.state.create(of(OTHER))
                autoscaler.revisions_changed()
                await ground.until(lambda: ground.fleet.state(OTHER).ready)
                assert ground.now().ready == ()
                (tmp_path / "pods" / KEY.namespace).unlink()
                autoscaler.pods_changed(KEY)
                await ground.until_ready()

    asyncio.run(run())

    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1
    assert told[0].startswith("scaling a revision failed: NotADirectoryError at ")


def test_a_revision_gets_no_more_pods_than_a_node_holds(fleet, monkeypatch):
    monkeypatch.setattr("poorwill.local.autoscaler.POD_LIMIT", 2)

    async def run():
        async with fleet() as ground:
            with scaling(ground) as autoscaler:
                obj = of(KEY)
                obj["metadata"]["annotations"] = {"autoscaling.knative.dev/min-scale": "100000"}
                ground.state.create(obj)
                autoscaler.revisions_changed()
                await ground.until_ready(2)
                autoscaler.pods_changed(KEY)
                return len(ground.pods())

    assert asyncio.run(run()) == 2
