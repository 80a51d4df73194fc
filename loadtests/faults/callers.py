"""Callers of the run's own, who ask models of the long tail: many at once, slow ones, ones that never read."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from loadtests import tail_model
from loadtests.asked import PATIENCE_SECONDS, Asked, Outcome, refused
from loadtests.faults.raw_http import Pace, Reply, request, send
from loadtests.twin import HOST_HEADER
from loadtests.wire import HEADER_LENGTH, Encoded, as_binary, as_json, outputs, server_timing_ms

GIVE_UP_SECONDS = PATIENCE_SECONDS + 5.0


class Question(NamedTuple):
    """What is asked of a model, and the right answer."""

    number: int  # of the model
    asked: np.ndarray

    @property
    def model(self) -> str:
        """Return the model's name."""
        return tail_model.name(self.number)

    def data(self, encode: Callable[[str, np.ndarray], Encoded]) -> bytes:
        """Return the request's bytes."""
        return request(self.model, HOST_HEADER.format(model=self.model), encode("input", self.asked))

    def is_answered(self, reply: Reply) -> bool:
        """Tell whether an answer is right."""
        try:
            found = outputs(reply.body, reply.headers.get(HEADER_LENGTH.lower()))["output"]
            truth = tail_model.answer(self.number, self.asked)
            same = found.shape == truth.shape and np.allclose(found, truth, atol=10 * tail_model.TOLERANCE)
            return bool(same) and reply.headers.get("poorwill-model") == self.model
        except (KeyError, TypeError, ValueError):
            return False


def question(number: int, chance: np.random.Generator, rows: int = 1) -> Question:
    """Return a question that nobody else asks."""
    return Question(number, chance.uniform(-1, 1, (rows, tail_model.ROWS)).astype(np.float32))


def ask_at_once(url: str, questions: Sequence[Question], kind: str) -> list[Asked]:
    """Ask each on a connection of its own, all at once."""
    return asyncio.run(_all(url, questions, kind, as_json, Pace()))


def ask_slowly(url: str, questions: Sequence[Question], kind: str, pace: Pace) -> list[Asked]:
    """Ask likewise at a pace, by binary tensors."""
    return asyncio.run(_all(url, questions, kind, as_binary, pace))


async def _all(
    url: str,
    questions: Sequence[Question],
    kind: str,
    encode: Callable[[str, np.ndarray], Encoded],
    pace: Pace,
) -> list[Asked]:
    data = [each.data(encode) for each in questions]
    return await asyncio.gather(
        *(_one(url, each, some, kind, pace) for each, some in zip(questions, data, strict=True))
    )


async def _one(url: str, question: Question, data: bytes, kind: str, pace: Pace) -> Asked:
    sent_seconds = time.time()
    try:
        reply = await asyncio.wait_for(send(url, data, pace), GIVE_UP_SECONDS)
    except TimeoutError:
        reply = Reply(0, {}, b"", GIVE_UP_SECONDS * 1000)
    if reply.status == 200:
        outcome, said = (Outcome.RIGHT if question.is_answered(reply) else Outcome.WRONG), ""
    else:
        outcome = Outcome.ERROR if reply.status else Outcome.LOST
        said = refused(reply.status, reply.headers, reply.took_ms)
    start_ms = server_timing_ms(reply.headers.get("server-timing", "")).get("start", 0.0)
    version = reply.headers.get("poorwill-version", "")
    return Asked(kind, question.model, version, sent_seconds, reply.took_ms, str(outcome), start_ms, said)
