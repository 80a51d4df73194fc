"""One version, wherever a registrar dies, however many there are, and whoever pushes by hand beside them."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poorwill.errors import UnavailableError
from poorwill.pipeline import run_store
from poorwill.pipeline.artifacts import read_artifact
from poorwill.pipeline.ingest import IngestStep
from poorwill.pipeline.perform import perform
from poorwill.pipeline.register import RegisterStep
from poorwill.pipeline.runner import run_through
from poorwill.pipeline.train import TrainStep
from poorwill.registry.records import VersionName
from poorwill.registry.registry import Registry
from poorwill.store.folder import FolderStore
from tests.pipeline import works
from tests.registry.interleaving import DiedError, dying, interleave

SPEC = """\
format: 1
pipeline: sums
model: sum
steps:
  - step: ingest
    target: total
  - step: train
  - step: register
"""
ROWS = "total,left,right\n" + "".join(f"{2 * row - row % 7},{row},{row % 7}\n" for row in range(40))
LEASE_SECONDS = 1e6
"""So long that none is renewed in a test; the clock jumps further."""


@pytest.fixture(scope="module", autouse=True)
def no_disk():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda descriptor: None)
        yield


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return what makes a world in which two runs of the same data, by two events, are to be registered."""
    folder, count = tmp_path_factory.mktemp("trained"), itertools.count()
    pipeline = works.write_pipeline(folder / "sums", SPEC)
    (pipeline.folder / "train.py").write_text(Path(__file__).with_name("linear.py").read_text())
    store = FolderStore(folder / "first", create=True)
    store.put("june.csv", ROWS.encode())
    steps = {step.name: step for step in (IngestStep(), TrainStep())}
    events = [
        run_through(works.shop(store, pipeline), steps, works.arrived("june.csv", name), watch=lambda seen: None).last
        for name in ("1", "2")
    ]
    (model,) = run_store.find_step(store, events[0].subject, "train").artifacts
    (folder / "model.onnx").write_bytes(read_artifact(store, model))
    objects = {entry.key: store.get(entry.key).data for entry in store.list("")}

    def copy():
        again = FolderStore(folder / str(next(count)), create=True)
        for key, data in objects.items():
            again.put(key, data)
        return World(again, pipeline, events, folder / "model.onnx")

    return copy


class World:
    """A store, and what is done in it."""

    def __init__(self, store, pipeline, events, file):
        self.store, self.pipeline, self.events, self.file = store, pipeline, events, file
        self.now_seconds = 0.0

    def register(self, store, event):
        """Deliver an event to a registrar of its own; every lease before has run out."""
        self.now_seconds += 2 * LEASE_SECONDS
        shop = works.shop(store, self.pipeline, lease_seconds=LEASE_SECONDS, clock=lambda: self.now_seconds)
        return perform(shop, RegisterStep(), event)

    def push(self, store):
        """Push a version by hand, of the same model."""
        Registry(store).push(self.file, "sum")

    def check(self, by_hand):
        """Deliver once more, and see one version of the pipeline's beside those pushed by hand, all whole."""
        done = [self.register(self.store, event) for event in (*self.events, *self.events)]
        registry = Registry(self.store)
        assert registry.verify().damages == ()
        found = [registry.resolve(name) for name in self._names(registry)]
        (mine,) = [record for record in found if record.provenance]
        assert len(found) == 1 + by_hand
        assert {performed.record.facts["version"] for performed in done} == {mine.version}
        assert [performed.reply.id for performed in done[:2]] == [performed.reply.id for performed in done[2:]]

    @staticmethod
    def _names(registry):
        return [VersionName("sum", entry.version, None) for entry in registry.versions("sum").versions]


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_registrar_that_dies_at_any_operation_leaves_one_version_also_with_a_push_between(trained, done):
    for at in itertools.count():
        world = trained()
        try:
            world.register(dying(world.store, at, done=done), world.events[0])
        except DiedError:
            ended = False
        else:
            ended = True
        if at % 2:
            world.push(world.store)
        world.check(by_hand=at % 2)
        if ended:
            break

    assert at > 20, "each of the operations of the step was one to die at"


@settings(max_examples=40)
@given(
    schedule=st.binary(min_size=120, max_size=120),
    deaths=st.lists(st.none() | st.tuples(st.integers(0, 40), st.booleans()), min_size=2, max_size=2),
)
def test_two_registrars_of_two_runs_and_a_push_by_hand_make_one_version_of_the_same(trained, schedule, deaths):
    world = trained()

    def registrar(event, death):
        def act(store):
            at, done = death or (10**6, False)
            try:
                world.register(dying(store, at, done=done), event)
            except (DiedError, UnavailableError):
                return

        return act

    actions = [registrar(event, death) for event, death in zip(world.events, deaths, strict=True)]
    interleave(world.store, [*actions, world.push], schedule)

    world.check(by_hand=1)
