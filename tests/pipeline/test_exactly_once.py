"""Whatever is delivered twice, late, in another order, or killed at any operation: each step has one effect."""

import itertools
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poorwill.errors import UnavailableError
from poorwill.pipeline import run_store
from poorwill.pipeline.artifacts import read_artifact
from poorwill.pipeline.chain import step_for
from poorwill.pipeline.perform import pass_by, perform
from poorwill.registry.registry import Registry
from poorwill.store.folder import FolderStore
from tests.pipeline import works
from tests.registry.interleaving import DiedError, Watched, interleave

LEASE_SECONDS = 1e6
"""So long that no lease is renewed in a test; the clock of the test jumps further than that."""
ARRIVED = (works.arrived(1, "a"), works.arrived(1, "b"), works.arrived(2, "c"))
"""Two of the same data, and one of other data."""


@pytest.fixture(scope="module", autouse=True)
def no_disk():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda descriptor: None)
        yield


def mortal(store, deaths):
    """Return the store of a process that dies when `deaths` counts to its end; nothing gets through afterwards."""
    left, done = deaths or (10**6, False)
    count = itertools.count()

    def die(name, at):
        if at >= left:
            raise DiedError

    if not done:
        return Watched(store, lambda name: die(name, next(count)))
    gone = []

    def before(name):
        if gone:
            raise DiedError

    def after(name):
        if next(count) >= left:
            gone.append(name)
            raise DiedError

    return Watched(store, before, after)


class World:
    """Workers over one store, a broker that delivers at least once, and all replies that anybody saw."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = FolderStore(folder / "store", create=True)
        self.pipeline = works.write_pipeline(folder / "sums")
        self.steps = works.steps()
        self.now_seconds = 0.0
        self.events = list(ARRIVED)
        self.pending = {event.id for event in ARRIVED}
        self.replies = {}

    def deliver(self, event, store):
        """Let a worker take up an event, as far as it comes."""
        shop = works.shop(store, self.pipeline, lease_seconds=LEASE_SECONDS, clock=lambda: self.now_seconds)
        name = step_for(event.type)
        try:
            step = self.steps.get(name)
            reply = (perform(shop, step, event) if step else pass_by(shop, name, event)).reply
        except (DiedError, UnavailableError):
            return
        self.pending.discard(event.id)
        self.replies.setdefault(event.id, []).append(reply)
        if reply and reply.id not in {known.id for known in self.events}:
            self.events.append(reply)
            self.pending.add(reply.id)

    def settle(self):
        """Deliver what nobody has answered, as a broker would, until all is."""
        for _ in range(100):
            waiting = [event for event in self.events if event.id in self.pending]
            if not waiting:
                return
            self.now_seconds += 2 * LEASE_SECONDS
            for event in waiting:
                self.deliver(event, self.store)
        raise AssertionError("events are left that nobody can answer")

    def check_the_end(self):
        """Compare with what one delivery of each would have led to."""
        works.check_nothing_is_half_done(self.store)
        runs = list(run_store.list_runs(self.store))
        models = {}
        for run in runs:
            steps = run_store.find_steps(self.store, run.run)
            assert list(steps) == ["ingest", "train", "register"]
            models.setdefault(run.data["object"], set()).add(steps["train"].artifacts[0].digest)
        assert len(runs) == len(ARRIVED)
        assert {name: len(found) for name, found in models.items()} == {"1": 1, "2": 1}
        assert len(list(self.store.list("versions/"))) == 2
        assert len(list(self.store.list("results/"))) == 6
        for replies in self.replies.values():
            assert all(reply == replies[0] for reply in replies)


@pytest.fixture
def world(tmp_path):
    """Make a world in a folder."""
    return World(tmp_path)


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_worker_that_dies_at_any_operation_is_followed_by_one_that_ends_the_work(world, done):
    for deaths in itertools.count():
        shutil.rmtree(world.folder)
        world = World(world.folder)
        alive = mortal(world.store, (deaths, done))
        answered = -1
        while world.pending and len(world.replies) > answered:
            answered = len(world.replies)
            world.deliver(next(event for event in world.events if event.id in world.pending), alive)
        died = bool(world.pending)
        world.settle()
        world.check_the_end()
        if not died:
            break

    assert deaths > 50, "each of the operations of all steps was one to die at"


DELIVERY = st.tuples(
    st.integers(0, 5),  # which event, the latest first
    st.none() | st.none() | st.tuples(st.integers(0, 25), st.booleans()),  # when its worker dies
)
GROUP = st.tuples(
    st.lists(DELIVERY, min_size=2, max_size=3),
    st.binary(min_size=60, max_size=60),  # whose turn it is
    st.none() | st.integers(1, 6),  # before each how many-th operation all leases run out
)


@settings(max_examples=60)
@given(groups=st.lists(GROUP, min_size=6, max_size=16))
def test_no_schedule_of_deliveries_deaths_and_expiries_has_a_second_effect(groups):
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        for deliveries, schedule, expiry in groups:
            count = itertools.count(1)

            def expire(name, count=count, expiry=expiry):
                world.now_seconds += 2 * LEASE_SECONDS if expiry and next(count) % expiry == 0 else 1.0

            def action(back, deaths, expire=expire):
                event = world.events[-1 - back % len(world.events)]
                return lambda store: world.deliver(event, mortal(Watched(store, expire), deaths))

            interleave(world.store, [action(*delivery) for delivery in deliveries], schedule)
            works.check_nothing_is_half_done(world.store)
        world.settle()
        world.check_the_end()


def test_of_two_that_work_on_one_key_at_once_the_first_result_counts_for_both(world):
    class Overtaken(works.Train):
        """Works so long that its lease runs out, and another begins and ends meanwhile."""

        def run(self, work):
            world.now_seconds += 2 * LEASE_SECONDS
            world.deliver(second, world.store)
            self.worked = world.steps["train"].worked
            return super().run(work)

    for name in ("ingest", "validate"):
        for event in [event for event in world.events if step_for(event.type) == name]:
            world.deliver(event, world.store)
    first, second, _ = (event for event in world.events if step_for(event.type) == "train")
    shop = works.shop(world.store, world.pipeline, lease_seconds=LEASE_SECONDS, clock=lambda: world.now_seconds)

    overtaken = perform(shop, Overtaken(), first).record

    (winner,) = run_store.find_step(world.store, second.subject, "train").artifacts
    assert overtaken.reused
    assert overtaken.artifacts == (winner,)
    assert read_artifact(world.store, winner) == b"2 at try 1"
    assert len(world.steps["train"].worked) == 2


def test_gc_takes_nothing_that_a_run_names_and_all_that_a_loser_left(world):
    world.settle()
    loser = world.store._root / "blobs/sha256" / ("0" * 64)
    loser.write_text("of the second of two that worked")

    collected = Registry(world.store).gc(grace_seconds=0)

    assert collected.blobs == 1
    assert not loser.exists()
    assert list(world.store.list("leases/")) == []
    world.check_the_end()
