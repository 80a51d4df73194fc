"""Requests and events in, the commands' documents and reply events out; no carrier is known here.

Knative delivers an event again after 404, 408, 409, 429 and 5xx: what can never succeed is answered by another status.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import msgspec

from poorwill.delivery.api_answer import OvertakenError
from poorwill.delivery.deploy import Deployed, DeployOptions, deploy
from poorwill.delivery.documents import changed_document, deployed_document, status_document
from poorwill.delivery.function.answering import answered, refused
from poorwill.delivery.function.bodies import DeleteBody, DeployBody, Registered, RollbackBody, SplitBody, decoded
from poorwill.delivery.function.registered import Ground, deploy_registered
from poorwill.delivery.function.trust import CALLER, Trust
from poorwill.delivery.image.reference import parse_reference
from poorwill.delivery.removal import plan_model_removal, plan_version_removal, remove
from poorwill.delivery.rollback import rollback
from poorwill.delivery.split import split
from poorwill.delivery.status import status
from poorwill.delivery.traffic import parse_split
from poorwill.delivery.waiting import Progress
from poorwill.errors import (
    ConflictError,
    CorruptError,
    FailedError,
    Fault,
    InvalidRequestError,
    MethodNotAllowedError,
    NotFoundError,
    UsageError,
)
from poorwill.events.codec import decode
from poorwill.events.event import Event, EventType
from poorwill.events.reply import reply_to
from poorwill.registry.names import parse_version_name
from poorwill.serving.auth.gate import OPEN_PATHS, Gate
from poorwill.serving.message import Answer, Request
from poorwill.serving.protocol.event_answer import event_answer
from poorwill.telemetry import Log, now

BODY_LIMIT_BYTES = 65_536
"""Names and percents; nothing that is deployed comes this way."""
READY_SECONDS = 240.0
"""Below the function's own timeoutSeconds, so that a version that is late is told, and waited for by the next call."""
_PASSED_ON = ("pipeline", "run")
_PERMANENT = (NotFoundError, ConflictError, CorruptError)  # of an event: no redelivery mends them

Connect = Callable[[], AbstractContextManager[Ground]]
"""Opens cluster and registry for one request: a pod's token may be a new one each time."""
Told = Callable[[Event, Event], None]
"""Told of each event that was answered, and its reply, before the reply is sent."""
Handler = Callable[[Ground, bytes, Progress], Any]


class Endpoint:
    """Answers every request; may be called by several threads.

    Args:
        gate: who may call.
        connect: see Connect.
        trust: which events are let in without who may call.
        options: of the versions that it deploys: image, components.
        log: told what is done, by whom.
        told: see Told.
    """

    def __init__(
        self,
        gate: Gate,
        connect: Connect,
        *,
        trust: Trust,
        options: DeployOptions,
        log: Log,
        told: Told | None = None,
    ) -> None:
        self._gate, self._connect, self._trust, self._log, self._told = gate, connect, trust, log, told
        self._options = options._replace(timeout_seconds=READY_SECONDS)
        self._verbs: dict[str, Handler] = {
            "/deploy": self._deploy,
            "/split": _split,
            "/rollback": _rollback,
            "/delete": _delete,
        }

    def refusal(self, method: str, path: str, headers: Mapping[str, str]) -> Answer | None:
        """Return the answer to one who is not let in, before the body is read; None for everybody else."""
        if self._trust.may_be(method, path, headers):
            return None
        error = self._gate.refusal(method, path, headers)
        return refused(error, self._log, os.urandom(8).hex(), self._verb(path)) if error else None

    def answer(self, request: Request) -> Answer:
        """Answer one who was let in; never raises."""
        request_id = os.urandom(8).hex()
        work = partial(self._answer, request, request_id)
        return answered(work, self._log, request_id, self._verb(request.path))

    def _answer(self, request: Request, request_id: str) -> Answer:
        method, path = request.method, request.path.rstrip("/")
        if len(request.body) > BODY_LIMIT_BYTES:
            raise InvalidRequestError(Fault("body", f"at most {BODY_LIMIT_BYTES} bytes", "more", "send less"))
        if path in OPEN_PATHS:
            return Answer(200, b'{"ready":true}')
        if path == "/status" or path.startswith("/status/"):
            _allow(method, "GET")
            with self._connect() as ground, _understood():
                models = status(ground.cluster, path.removeprefix("/status").strip("/"))
                return _json(status_document(ground.cluster.namespace, models))
        handler = self._verbs.get(path)
        if handler is None and path:
            advice = f"POST to {', '.join(self._verbs)}, GET /status, or POST an event to /"
            raise NotFoundError(Fault("path", "one that is served", "another path", advice))
        _allow(method, "POST")
        by_signature = self._trust.may_be(method, path, request.headers)
        caller = CALLER if by_signature else self._gate.caller(request.headers).name

        def progress(line: str) -> None:
            self._log.line("INFO", line, request_id=request_id, caller=caller, verb=path or "event")

        if handler is None:
            return self._events(request, progress, by_signature=by_signature)
        with self._connect() as ground, _understood():
            return _json(handler(ground, bytes(request.body), progress))

    def _deploy(self, ground: Ground, content: bytes, progress: Progress) -> Any:
        body = decoded(DeployBody, content)
        if body.image and not parse_reference(body.image, "image").pinned:
            advice = "`poorwill image push` prints it"
            raise InvalidRequestError(Fault("image", "an image by digest, name@sha256:<hex>", "one by tag", advice))
        options = self._options._replace(image=body.image or self._options.image, wait=body.wait, dry_run=body.dry_run)
        return deployed_document(deploy(*ground, parse_version_name(body.version), options, progress))

    def _events(self, request: Request, progress: Progress, *, by_signature: bool) -> Answer:
        """Answer one event, or a batch, in the mode that it came in; 204 where none is of a type for this function."""
        mode, events = decode(request.headers, bytes(request.body), limit_bytes=BODY_LIMIT_BYTES)
        replies = [
            self._event(event, progress, by_signature=by_signature)
            for event in events
            if event.type == EventType.MODEL_REGISTERED
        ]
        return event_answer(mode, replies)

    def _event(self, event: Event, progress: Progress, *, by_signature: bool) -> Event:
        data = decoded(Registered, event.data or b"", "data")
        with self._connect() as ground, _understood():
            try:
                if by_signature:
                    self._trust.check(ground.registry, data)
                done = deploy_registered(ground, data, self._options, progress, newest_only=by_signature)
            except OvertakenError:
                raise
            except _PERMANENT as error:
                raise FailedError(*error.faults) from error
        reply = reply_to(
            event,
            type=EventType.MODEL_DEPLOYED,
            source=f"/namespaces/{done.namespace}/models/{data.model}",
            data=msgspec.json.encode(_document(done, data)),
            subject=done.name,
            time=now(),
        )
        # whose run it is, so that Triggers can filter the last event as all before it
        passed = {name: event.extensions[name] for name in _PASSED_ON if name in event.extensions}
        reply = msgspec.structs.replace(reply, extensions=reply.extensions | passed)
        if self._told:
            self._told(event, reply)
        return reply

    def _verb(self, path: str) -> str:
        return path if path in self._verbs else ""


@contextmanager
def _understood() -> Iterator[None]:
    """Let what would be a wrong command line be a wrong request."""
    try:
        yield
    except UsageError as error:
        raise InvalidRequestError(*error.faults) from error


def _split(ground: Ground, content: bytes, progress: Progress) -> Any:
    body = decoded(SplitBody, content)
    wanted = parse_split([f"{tag}={percent}" for tag, percent in body.split.items()])
    return changed_document(split(ground.cluster, body.model, wanted, dry_run=body.dry_run, progress=progress))


def _rollback(ground: Ground, content: bytes, progress: Progress) -> Any:
    body = decoded(RollbackBody, content)
    return changed_document(rollback(ground.cluster, body.model, dry_run=body.dry_run, progress=progress))


def _delete(ground: Ground, content: bytes, progress: Progress) -> Any:
    body = decoded(DeleteBody, content)
    if "@" not in body.name:
        plan = plan_model_removal(ground.cluster, body.name, with_traffic=body.with_traffic)
    else:
        name = parse_version_name(body.name)
        if name.version is None:
            raise InvalidRequestError(Fault("name", "model@number", "an alias", "name the version by its number"))
        plan = plan_version_removal(ground.cluster, name.model, name.version)
    return remove(ground.cluster, plan, dry_run=body.dry_run, progress=progress)._asdict()


def _document(done: Deployed, data: Registered) -> dict[str, Any]:
    """Return the data of `dev.poorwill.model.deployed`: the same however often the event came."""
    return {
        "model": data.model,
        "version": data.version,
        "digest": done.digest,
        "namespace": done.namespace,
        "service": done.service,
        "revision": done.revision,
        "image": done.image,
        "url": done.url,
        "percent": done.traffic.percent(data.version),
    }


def _allow(method: str, allowed: str) -> None:
    if method != allowed:
        fault = Fault("method", allowed, "another method", f"send {allowed} to this path")
        raise MethodNotAllowedError(fault, allow=allowed)


def _json(document: Any) -> Answer:
    return Answer(200, msgspec.json.encode(document))
