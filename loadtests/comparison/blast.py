"""How far a fault reaches: which other models failed, and for how long; each fault on one side at a time."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from loadtests import tail_model
from loadtests.asked import Asked, Outcome
from loadtests.bench.machine import say
from loadtests.comparison.asking import Asking
from loadtests.comparison.ground import CommandError
from loadtests.comparison.sides import CHANGED, NEW, OLD, Side
from loadtests.comparison.visit import (
    AFTER_SECONDS,
    ASKED_PER_SECOND,
    CHANGED_PAUSE_SECONDS,
    DELAYED_MS,
    await_awake,
    questions_of,
)

FAULTY, NEXT = 1, 2  # numbers of the model with the fault, and of one that is deployed meanwhile
CRASH, LEAK, GRAPH, DAMAGE = "kill -9", "memory leak", "a graph that does not load", "a flipped bit"
FAULTS = (CRASH, LEAK, GRAPH, DAMAGE)
REFUSED, TAKEN = "refused", "taken"


class Hurt(NamedTuple):
    """What callers of some models saw."""

    models: int  # that failed at least once, or were late
    failed: int  # errors, lost
    wrong: int
    late: int
    silence_seconds: float  # the longest time that one of them gave no right answer


class Blast(NamedTuple):
    """One fault on one side."""

    side: str
    fault: str
    said: str  # whether the faulty version was refused; "" where none was to go out
    own: Hurt
    others: Hurt
    next_seconds: float | None
    """How long another model's deployment took while the faulty one lay there; None where it never came."""
    back_seconds: float | None
    """From taking the faulty version back to the old one's answer; None where it was never taken."""


class Plan(NamedTuple):
    """What is done."""

    faults: Sequence[str]
    models: int
    watch_seconds: float  # after each fault


def blasts(side: Side, plan: Plan, folder: Path) -> Iterator[Blast]:
    """Do each fault to a side, one after the other, and bring back what was before."""
    ways: Mapping[str, Callable[[Side, Path], str]] = {
        CRASH: _kill,
        LEAK: lambda one, file: _said(lambda: one.leak(FAULTY, file)),
        GRAPH: lambda one, file: _said(lambda: one.bring(FAULTY, _broken(file))),
        DAMAGE: lambda one, file: _said(lambda: one.damage(FAULTY, file)),
    }
    for fault in plan.faults:
        yield _blast(side, plan, folder, fault, ways[fault])


def hurt(asked: Sequence[Asked], begin_seconds: float, end_seconds: float) -> Hurt:
    """Return what became of requests that were sent in a span of time."""
    some = [one for one in asked if begin_seconds <= one.sent_seconds < end_seconds]
    failed = [one for one in some if one.outcome in {Outcome.ERROR, Outcome.LOST}]
    wrong = [one for one in some if one.outcome == Outcome.WRONG]
    late = [one for one in some if one.outcome == Outcome.RIGHT and one.took_ms > DELAYED_MS]
    return Hurt(
        models=len({one.model for one in (*failed, *wrong, *late)}),
        failed=len(failed),
        wrong=len(wrong),
        late=len(late),
        silence_seconds=max((_silence(some, model, end_seconds) for model in {one.model for one in some}), default=0.0),
    )


def _silence(asked: Sequence[Asked], model: str, end_seconds: float) -> float:
    """Return how long one model's callers were without a right answer at most; 0 where all were in time."""
    longest, since = 0.0, None
    for one in sorted((one for one in asked if one.model == model), key=lambda one: one.sent_seconds):
        if one.outcome == Outcome.RIGHT:
            began = one.sent_seconds if since is None else since
            if since is not None or one.took_ms > DELAYED_MS:
                longest = max(longest, one.ended_seconds - began)
            since = None
        elif since is None:
            since = one.sent_seconds
    return max(longest, end_seconds - since) if since is not None else longest


def _blast(side: Side, plan: Plan, folder: Path, fault: str, does: Callable[[Side, Path], str]) -> Blast:
    questions = questions_of(side, plan.models, FAULTY, NEXT)
    faulty, following = tail_model.name(FAULTY), tail_model.name(NEXT)
    pauses = {each.model: plan.models / ASKED_PER_SECOND for each in questions} | {faulty: CHANGED_PAUSE_SECONDS}
    with Asking(questions, pauses.__getitem__) as asking:
        await_awake(asking, questions)
        time.sleep(AFTER_SECONDS)
        begin_at = time.time()
        said = does(side, tail_model.write(folder, FAULTY + CHANGED))
        time.sleep(plan.watch_seconds)
        end_at = time.time()
        next_seconds = _deploy_next(side, asking, following, folder)
        back_seconds = _take_back(side, asking, faulty) if said == TAKEN else None
        side.take_back(NEXT)
        side.rest(FAULTY)
    own, others = ([one for one in asking.asked if (one.model == faulty) == mine] for mine in (True, False))
    hurts = (hurt(some, begin_at, end_at) for some in (own, others))
    return Blast(side.name, fault, said, *hurts, next_seconds, back_seconds)


def _deploy_next(side: Side, asking: Asking, model: str, folder: Path) -> float | None:
    began = time.time()
    side.bring(NEXT, tail_model.write(folder, NEXT + CHANGED))
    try:
        return asking.await_answer(model, NEW, began, side.place.patience_seconds) - began
    except TimeoutError:
        return None


def _take_back(side: Side, asking: Asking, model: str) -> float:
    """Take the faulty version back; a Route that waits for one that crashes follows when that one is up again."""
    began = time.time()
    try:
        side.take_back(FAULTY)
    except CommandError as error:
        say(f"{side.name}: {error}")
    return asking.await_answer(model, OLD, began) - began


def _kill(side: Side, file: Path) -> str:  # noqa: ARG001 - nothing is brought
    side.kill(FAULTY)
    return ""


def _said(bring: Callable[[], object]) -> str:
    try:
        bring()
    except CommandError:
        return REFUSED
    return TAKEN


def _broken(file: Path) -> Path:
    """Cut a model's file in half."""
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    return file
