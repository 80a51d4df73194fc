"""One round of one side: a changed model goes out and comes back, while a caller asks all models."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from loadtests import tail_model
from loadtests.asked import Asked, Outcome
from loadtests.comparison.asking import Asking, Question
from loadtests.comparison.sides import ASKED, CHANGED, NEW, OLD, Seconds, Side
from loadtests.found import percentile_ms

DELAYED_MS = 250.0
"""A request that takes longer than this was delayed."""
ASKED_PER_SECOND = 50.0  # of all models together
CHANGED_PAUSE_SECONDS = 0.02  # of the changed one, whose first new answer is looked for
QUIET_SECONDS = 4.0
AFTER_SECONDS = 2.0


class Seen(NamedTuple):
    """What a caller of all models saw in a span of time."""

    asked: int
    errors: int
    lost: int
    wrong: int
    delayed: int
    p50_ms: float
    slowest_ms: float


class Visit(NamedTuple):
    """One round."""

    side: str
    models: int
    deploy_seconds: float  # from the changed file to the first answer of the new version
    steps: Seconds  # of that, one after the other
    rollback_seconds: float  # from the command to the first answer of the old version
    quiet: Seen
    deploying: Seen
    rolling_back: Seen
    processes: int  # with all models awake
    pss_mb: float | None  # of these together; None where it can't be measured


def visit(side: Side, models: int, number: int, folder: Path) -> Visit:
    """Deploy a changed model and roll it back.

    Args:
        side: which holds the old version of all models.
        models: how many it has.
        number: of the model that changes.
        folder: for its file.
    """
    questions = questions_of(side, models, number)
    changed = tail_model.name(number)
    pauses = {each.model: models / ASKED_PER_SECOND for each in questions} | {changed: CHANGED_PAUSE_SECONDS}
    with Asking(questions, pauses.__getitem__) as asking:
        await_awake(asking, questions)
        quiet_at = time.time()
        time.sleep(QUIET_SECONDS)
        weight = side.place.weigh()
        changed_at = time.time()
        steps = side.bring(number, tail_model.write(folder, number + CHANGED))
        new_at = asking.await_answer(changed, NEW, changed_at)
        time.sleep(AFTER_SECONDS)
        deployed_at = time.time()
        side.rest(number)
        back_at = time.time()
        side.take_back(number)
        old_at = asking.await_answer(changed, OLD, back_at)
        time.sleep(AFTER_SECONDS)
        end_at = time.time()
        side.rest(number)
    return Visit(
        side.name,
        models,
        new_at - changed_at,
        until(steps, new_at - changed_at),
        old_at - back_at,
        seen(asking.asked, quiet_at, changed_at),
        seen(asking.asked, changed_at, deployed_at),
        seen(asking.asked, back_at, end_at),
        weight.processes,
        weight.pss_mb,
    )


def until(steps: Seconds, end_seconds: float) -> Seconds:
    """Return steps as far as they lie before an end, and what is left until then."""
    found, left = {}, end_seconds
    for name, took in steps.items():
        found[name] = min(took, left)
        left -= found[name]
    return found | {"until it answers": left}


def questions_of(side: Side, models: int, *changing: int) -> list[Question]:
    """Return how all models are asked; of those with these numbers a changed version may answer, too."""
    return [
        side.question(
            each,
            {OLD: tail_model.answer(each, ASKED)}
            | ({NEW: tail_model.answer(each + CHANGED, ASKED)} if each in changing else {}),
        )
        for each in range(1, models + 1)
    ]


def await_awake(asking: Asking, questions: Sequence[Question]) -> None:
    """Wait until every model has answered, so that no cold start of before is counted."""
    for each in questions:
        asking.await_answer(each.model, OLD, 0)


def seen(asked: Sequence[Asked], begin_seconds: float, end_seconds: float) -> Seen:
    """Return what became of the requests that were sent in a span of time."""
    some = [one for one in asked if begin_seconds <= one.sent_seconds < end_seconds]
    times_ms = [one.took_ms for one in some]
    counted = {outcome: sum(one.outcome == outcome for one in some) for outcome in Outcome}
    return Seen(
        asked=len(some),
        errors=counted[Outcome.ERROR],
        lost=counted[Outcome.LOST],
        wrong=counted[Outcome.WRONG],
        delayed=sum(took > DELAYED_MS for took in times_ms),
        p50_ms=percentile_ms(times_ms, 0.5) or 0.0,
        slowest_ms=max(times_ms, default=0.0),
    )
