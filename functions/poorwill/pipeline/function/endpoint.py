"""Events in, reply events out; no carrier is known here, and nothing of what a step does.

Knative delivers an event again after 404, 408, 409, 429 and 5xx: what can never succeed is answered by another status.
"""

import os
from collections.abc import Callable, Mapping
from functools import partial

from poorwill.delivery.function.answering import answered
from poorwill.errors import (
    ConflictError,
    CorruptError,
    FailedError,
    Fault,
    MethodNotAllowedError,
    NotFoundError,
    TooLargeError,
)
from poorwill.events.codec import decode
from poorwill.events.event import Event, EventType
from poorwill.pipeline.step import Progress
from poorwill.serving.auth.gate import OPEN_PATHS
from poorwill.serving.message import Answer, Request
from poorwill.serving.protocol.event_answer import event_answer
from poorwill.telemetry import Log

Handle = Callable[[Event, Progress], Event | None]
"""Takes an event and returns its reply, None where nothing follows."""

IN_A_SEQUENCE = "/in-a-sequence"
"""Here an event that tells of a failed step is the answer to itself, so that it gets to the Sequence's end."""
_PERMANENT = (NotFoundError, ConflictError, CorruptError)  # of an event: no redelivery mends them


class Endpoint:
    """Answers every request; may be called by several threads.

    Args:
        handle: what the function does.
        log: told what is done.
        body_limit_bytes: largest body.
    """

    def __init__(self, handle: Handle, log: Log, body_limit_bytes: int) -> None:
        self._handle, self._log = handle, log
        self.body_limit_bytes = body_limit_bytes

    def refusal(self, method: str, path: str, headers: Mapping[str, str]) -> Answer | None:  # noqa: ARG002
        """Return None: brokers show no token, so the network says who may call (docs/pipelines.md)."""
        return None

    def answer(self, request: Request) -> Answer:
        """Answer a request; never raises."""
        request_id = os.urandom(8).hex()
        return answered(partial(self._answer, request, request_id), self._log, request_id, "event")

    def _answer(self, request: Request, request_id: str) -> Answer:
        path = request.path.rstrip("/")
        if path in OPEN_PATHS:
            return Answer(200, b'{"ready":true}')
        if path not in {"", IN_A_SEQUENCE}:
            # not by 404, after which an event is delivered again
            raise FailedError(Fault("path", f"/ or {IN_A_SEQUENCE}", "another path", "POST an event to one of them"))
        if request.method != "POST":
            raise MethodNotAllowedError(Fault("method", "POST", "another method", "POST an event"), allow="POST")
        if len(request.body) > self.body_limit_bytes:
            advice = "keep data in the store, and send its name"
            raise TooLargeError(Fault("body", f"at most {self.body_limit_bytes} bytes", "more", advice))
        mode, events = decode(request.headers, bytes(request.body))
        replies = [self._reply(event, request_id, in_sequence=path == IN_A_SEQUENCE) for event in events]
        return event_answer(mode, [reply for reply in replies if reply])

    def _reply(self, event: Event, request_id: str, *, in_sequence: bool) -> Event | None:
        if in_sequence and event.type == EventType.STEP_FAILED:
            return event

        def progress(line: str) -> None:
            self._log.line("INFO", line, request_id=request_id)

        try:
            reply = self._handle(event, progress)
        except _PERMANENT as error:
            raise FailedError(*error.faults) from error
        progress(f"{reply.subject or 'the event'}: {reply.type}" if reply else "no reply")
        return reply
