"""A run in one process: each step's reply is the next one's event, as a broker would bring it."""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from poorwill.errors import Fault, InvalidRequestError
from poorwill.events.event import Event, EventType
from poorwill.pipeline.chain import step_for
from poorwill.pipeline.perform import Performed, Shop, pass_by, perform
from poorwill.pipeline.records import RunRecord, StepRecord
from poorwill.pipeline.step import Step


class Seen(NamedTuple):
    """What can be seen of a step: it began, it tells something, it ended."""

    step: str
    state: Literal["running", "completed", "failed", "skipped"]
    line: str = ""  # of a running step, what it is about
    record: StepRecord | None = None  # of one that ended


Watch = Callable[[Seen], None]
"""Told each thing that can be seen of a run, in their order."""


class Passage(NamedTuple):
    """How a run went in this process."""

    run: RunRecord
    state: Literal["completed", "failed", "waiting"]  # waiting: the next step is not for this process
    last: Event | None  # the event that nobody has taken up yet: the last reply, where there is one


def run_through(
    shop: Shop, steps: Mapping[str, Step], event: Event, *, watch: Watch, wait_seconds: float = 0.0
) -> Passage:
    """Take an event through all steps that follow from it; what was done before is not done again.

    Args:
        shop: where.
        steps: by name; where one that the spec has is not among them, the run waits there.
        event: that begins the run, or any reply of it.
        watch: told how it goes.
        wait_seconds: how long to wait for another worker that has the same work in hand, each step.

    Raises:
        InvalidRequestError: no step takes this event.
        UnavailableError: not now; begin again with the same event.
    """
    wanted = {part.step for part in shop.pipeline.spec.steps}
    last, done = event, None
    while (name := step_for(last.type)) and (name in steps or name not in wanted):
        done = _performed(shop, name, steps.get(name), last, watch, wait_seconds)
        if done.reply is None:
            return Passage(done.run, "completed", None)
        last = done.reply
    if done is None:
        raise InvalidRequestError(Fault("event type", "one that a step takes", "another", "see docs/pipelines.md"))
    if name:
        return Passage(done.run, "waiting", last)
    return Passage(done.run, "failed" if last.type == EventType.STEP_FAILED else "completed", last)


def _performed(shop: Shop, name: str, step: Step | None, event: Event, watch: Watch, wait_seconds: float) -> Performed:
    if step is None:
        return pass_by(shop, name, event)

    def progress(line: str) -> None:
        watch(Seen(name, "running", line))

    watch(Seen(name, "running"))
    done = perform(shop, step, event, progress=progress, wait_seconds=wait_seconds)
    watch(Seen(name, done.record.state if done.record else "skipped", record=done.record))
    return done
