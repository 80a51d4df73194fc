"""A user who asks a model over HTTP and checks each answer; the others are made of it."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from locust import FastHttpUser

from loadtests.asked import PATIENCE_SECONDS, Asked, Outcome, refused
from loadtests.session import RECORDER
from loadtests.wire import HEADER_LENGTH, Encoded, outputs, server_timing_ms


class Answer(NamedTuple):
    """What a version answered with status 2xx."""

    model: str
    digest: str
    outputs: dict[str, np.ndarray]


Check = Callable[[Answer], bool]
"""Tells whether an answer is right; a KeyError, TypeError or ValueError is a no."""


class Asking(FastHttpUser):
    """Sends infer requests to a model's own host."""

    abstract = True
    network_timeout = connection_timeout = PATIENCE_SECONDS

    def ask(self, kind: str, model: str, request: Encoded, check: Check, path: str = "") -> Outcome:
        """Send a request, and record what became of it.

        Args:
            kind: of request, as limits.yaml names it.
            model: that is asked.
            request: ready to send.
            check: see Check.
            path: where to; "" is the model's infer.
        """
        header = self.environment.parsed_options.host_header.format(model=model)
        headers = request.headers | ({"Host": header} if header else {})
        sent_seconds, began = time.time(), time.perf_counter()
        where = path or f"/v2/models/{model}/infer"
        with self.client.post(where, data=request.body, headers=headers, name=kind, catch_response=True) as response:
            took_ms = (time.perf_counter() - began) * 1000
            outcome = _outcome(response, check)
            if outcome != Outcome.RIGHT:
                response.failure(str(outcome))
        answered = response.headers or {}
        start_ms = server_timing_ms(answered.get("server-timing", "")).get("start", 0.0)
        version = answered.get("poorwill-version", "")
        said = refused(response.status_code, answered, took_ms) if outcome in {Outcome.ERROR, Outcome.LOST} else ""
        RECORDER.add(Asked(kind, model, version, sent_seconds, took_ms, str(outcome), start_ms, said))
        return outcome


def _outcome(response: Any, check: Check) -> Outcome:
    if not response.status_code:
        return Outcome.LOST
    if response.status_code // 100 != 2:
        return Outcome.ERROR
    try:
        headers = response.headers
        found = outputs(response.content, headers.get(HEADER_LENGTH))
        answer = Answer(headers["poorwill-model"], headers["poorwill-digest"], found)
        return Outcome.RIGHT if check(answer) else Outcome.WRONG
    except (KeyError, TypeError, ValueError):
        return Outcome.WRONG
