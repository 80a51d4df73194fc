"""Asks every model all the while, each on a connection and a thread of its own, and holds each answer to the truth."""

import http.client
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import NamedTuple, Self

import numpy as np

from loadtests.asked import Asked, Outcome
from loadtests.tail_model import TOLERANCE
from loadtests.wire import HEADER_LENGTH, outputs

WAIT_SECONDS = 60  # for an answer; then it is lost
UNTIL_SECONDS = 240.0  # a container that crashed waits longer and longer before it starts again
POLL_SECONDS = 0.02
KIND = "infer JSON"


class Question(NamedTuple):
    """One request, and what may be answered, by the version that answers so."""

    model: str
    gateway: str  # host:port
    host: str  # the header
    path: str
    body: bytes
    truths: Mapping[str, np.ndarray]


class Asking:
    """Threads that ask; a context that ends them.

    Args:
        questions: each asked on its own.
        pause_seconds: from one request to the next, by model.
    """

    def __init__(self, questions: Sequence[Question], pause_seconds: Callable[[str], float]) -> None:
        self.asked: list[Asked] = []
        self._ending = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask_on, args=(each, pause_seconds(each.model)), daemon=True)
            for each in questions
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def await_answer(
        self, model: str, version: str, since_seconds: float, timeout_seconds: float = UNTIL_SECONDS
    ) -> float:
        """Return when the first answer of a version to a request sent since then was here, in seconds since the epoch.

        Raises:
            TimeoutError: there is none in time.
        """
        seen, deadline = 0, time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            fresh = self.asked[seen:]
            seen += len(fresh)
            for one in fresh:
                if one.model == model and one.version == version and one.sent_seconds >= since_seconds:
                    return one.ended_seconds
            time.sleep(POLL_SECONDS)
        raise TimeoutError(f"{model}: no answer of the {version} version")

    def _ask_on(self, question: Question, pause_seconds: float) -> None:
        connection = http.client.HTTPConnection(question.gateway, timeout=WAIT_SECONDS)
        try:
            while not self._ending.is_set():
                one = ask(connection, question)
                self.asked.append(one)
                self._ending.wait(max(0.0, pause_seconds - one.took_ms / 1000))
        finally:
            connection.close()


def ask(connection: http.client.HTTPConnection, question: Question) -> Asked:
    """Return what became of one request; a connection that broke is opened again by the next one."""
    sent_seconds, began = time.time(), time.perf_counter()
    version = ""
    try:
        headers = {"Content-Type": "application/json", "Host": question.host}
        connection.request("POST", question.path, question.body, headers)
        response = connection.getresponse()
        content = response.read()
        outcome = Outcome.ERROR
        if response.status == HTTPStatus.OK:
            version = _version(content, response.getheader(HEADER_LENGTH), question)
            outcome = Outcome.RIGHT if version else Outcome.WRONG
    except (OSError, http.client.HTTPException):
        connection.close()
        outcome = Outcome.LOST
    took_ms = (time.perf_counter() - began) * 1000
    return Asked(KIND, question.model, version, sent_seconds, took_ms, outcome)


def _version(content: bytes, header_length: str | None, question: Question) -> str:
    """Return the version that answers so, "" for none."""
    found = outputs(content, header_length)["output"]
    return next((name for name, truth in question.truths.items() if np.allclose(found, truth, atol=TOLERANCE)), "")
