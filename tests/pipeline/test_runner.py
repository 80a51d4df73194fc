"""A run in one process is what the broker's deliveries would make of the same event."""

import pytest

from poorwill.errors import Fault, InvalidRequestError, UnavailableError
from poorwill.events.event import Event, EventType
from poorwill.pipeline import run_store
from poorwill.pipeline.runner import run_through
from poorwill.pipeline.step import StepFailedError
from tests.pipeline import works


@pytest.fixture
def seen():
    """Keep all that a run shows."""
    return []


def test_a_run_goes_through_all_steps_and_shows_each(store, pipeline, seen):
    class Telling(works.Train):
        def run(self, work):
            work.progress("at work")
            return super().run(work)

    steps = works.steps() | {"train": Telling()}

    passage = run_through(works.shop(store, pipeline), steps, works.arrived(), watch=seen.append)

    assert passage.state == "completed"
    assert [(one.step, one.state, one.line) for one in seen] == [
        ("ingest", "running", ""), ("ingest", "completed", ""),
        ("train", "running", ""), ("train", "running", "at work"), ("train", "completed", ""),
        ("register", "running", ""), ("register", "completed", ""),
    ]  # fmt: skip
    assert seen[-1].record == run_store.find_step(store, passage.run.run, "register")
    assert [run.run for run in run_store.list_runs(store)] == [passage.run.run]


def test_a_run_that_was_broken_off_goes_on_where_it_was(store, pipeline, seen):
    class Away(works.Train):
        def run(self, work):
            raise UnavailableError(Fault("store", "an answer", "none", "repeat"))

    steps, shop = works.steps(), works.shop(store, pipeline)
    with pytest.raises(UnavailableError):
        run_through(shop, steps | {"train": Away()}, works.arrived(), watch=seen.append)

    passage = run_through(shop, steps, works.arrived(), watch=seen.append)

    assert passage.state == "completed"
    assert [len(step.worked) for step in steps.values()] == [1, 1, 1]


def test_a_run_that_failed_ends_there(store, pipeline, seen):
    class Failing(works.Train):
        def run(self, work):
            raise StepFailedError(Fault("train", "a model", "none", "return one"))

    passage = run_through(
        works.shop(store, pipeline), works.steps() | {"train": Failing()}, works.arrived(), watch=seen.append
    )

    assert (passage.state, passage.last.type) == ("failed", EventType.STEP_FAILED)
    assert seen[-1].record.troubles[0].wanted == "a model"
    assert list(run_store.find_steps(store, passage.run.run)) == ["ingest", "train"]


def test_a_run_waits_where_the_next_step_is_for_another_process(store, pipeline, seen):
    steps = works.steps()
    del steps["register"]

    passage = run_through(works.shop(store, pipeline), steps, works.arrived(), watch=seen.append)

    assert (passage.state, passage.last.type) == ("waiting", EventType.MODEL_EVALUATED)
    assert run_through(works.shop(store, pipeline), works.steps(), passage.last, watch=seen.append).state == "completed"


def test_an_event_that_no_step_takes_begins_nothing(store, pipeline, seen):
    event = Event(id="1", source="/tests", type="dev.poorwill.feedback.received")

    with pytest.raises(InvalidRequestError, match="one that a step takes"):
        run_through(works.shop(store, pipeline), works.steps(), event, watch=seen.append)

    assert seen == list(store.list("")) == []
