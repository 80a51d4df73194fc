"""What a Kubernetes API's refusal means: its words by field, the managers in conflict, the right that is missing."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from poorwill.errors import (
    ConflictError,
    DeniedError,
    Fault,
    NotFoundError,
    PoorwillError,
    RefusedError,
    UnavailableError,
)
from poorwill.kinds.kind import Kind


class Cause(NamedTuple):
    """One cause in a Status: `reason` is FieldManagerConflict, FieldValueInvalid, ..."""

    reason: str
    field: str
    message: str


class Answer(NamedTuple):
    """A Status that says no."""

    code: int
    message: str
    about: str = ""  # the plural of what it speaks of: "namespaces" where that is what is missing
    causes: tuple[Cause, ...] = ()


class Asked(NamedTuple):
    """What was asked."""

    verb: str
    kind: Kind
    name: str
    namespace: str

    @property
    def resource(self) -> str:
        """Return the resource as RBAC names it, `routes.serving.knative.dev`."""
        return f"{self.kind.plural}.{self.kind.group}".rstrip(".")

    @property
    def object(self) -> str:
        """Return the object as people name it, `Route digits`."""
        return f"{self.kind.kind} {self.name}".rstrip()


class OvertakenError(ConflictError):
    """An object that changed after it was read."""


# knative.dev/pkg/apis.FieldError: "words: path, path", one a line; our own API answers so, too
_FIELDS = re.compile(r"(?P<words>.*\S): (?P<paths>[\w./\[\]-]+(?:, [\w./\[\]-]+)*)")
_WEBHOOK = re.compile(r"admission webhook \"(?P<name>[^\"]*)\" denied the request: (?:validation failed: )?", re.ASCII)
# structured-merge-diff, where a field is not in the kind's schema: 500, and no causes
_UNTYPED = re.compile(r"failed to create typed patch object \([^)]*\): (?P<path>\.[\w.\[\]]+): (?P<words>.*)")
_LEAVE = "change it there, or leave it out there first"
_VERB = re.compile(r"cannot (?P<verb>[a-z]+) resource")
_MANAGER = re.compile(r"conflict with \"(?P<manager>[^\"]*)\"")


def answer_of(status: Any) -> Answer:
    """Return what a client's own Status says."""
    details = status.details
    causes = (details.causes or ()) if details else ()
    return Answer(
        status.code or 500,
        status.message or "",
        (details.kind or "") if details else "",
        tuple(Cause(cause.reason or "", cause.field or "", cause.message or "") for cause in causes),
    )


def error_of(answer: Answer, asked: Asked) -> PoorwillError:
    """Return an answer as the error that says what to do."""
    if answer.code == 401:
        fault = Fault(
            "credentials", "ones that the cluster takes", "ones that it refuses", "log in to the cluster again"
        )
        return DeniedError(fault)
    if answer.code == 403 and not _WEBHOOK.search(answer.message):  # a webhook speaks of the object, not of rights
        return _denied(answer, asked)
    if answer.code == 404:
        return _missing(answer, asked)
    if answer.code in {409, 412}:
        return _conflict(answer, asked)
    if answer.code in {400, 403, 413, 422} or _UNTYPED.search(answer.message):
        return RefusedError(*_refusals(answer, asked))
    found = f"HTTP {answer.code}: {answer.message}".rstrip(": ")
    return UnavailableError(Fault("cluster", f"{asked.verb} {asked.object}", found, "try again, or ask who runs it"))


def _denied(answer: Answer, asked: Asked) -> DeniedError:
    if "exceeded quota" in answer.message:
        advice = "ask for a larger quota, or delete versions that nobody needs"
        return DeniedError(Fault(asked.object, "room in the namespace's quota", answer.message, advice))
    where = f"namespace {asked.namespace}" if asked.kind.namespaced else "cluster"
    told = _VERB.search(answer.message)  # an apply is a patch, and a create where there is none
    right = f"{told['verb'] if told else asked.verb} {asked.resource}"
    advice = f"ask for a Role with it; `kubectl auth can-i {right}` tests it"
    return DeniedError(Fault(where, f"the right to {right}", "none", advice))


def _missing(answer: Answer, asked: Asked) -> NotFoundError:
    if answer.about == "namespaces":
        fault = Fault(
            "namespace", "one that exists", "none of that name", f"kubectl create namespace {asked.namespace}"
        )
    elif answer.about == asked.kind.plural:
        fault = Fault(asked.object, "one that exists", "none of that name", "`poorwill status` lists what is there")
    else:
        advice = "install Knative Serving, or choose another cluster; `poorwill doctor` looks further"
        fault = Fault("cluster", f"an API that serves {asked.resource}", "none", advice)
    return NotFoundError(fault)


def _conflict(answer: Answer, asked: Asked) -> ConflictError:
    faults = [
        Fault(
            f"{asked.object}, {cause.field.lstrip('.')}",
            "a field that poorwill manages, or nobody",
            f"one that {_manager(cause.message)} manages",
            _LEAVE,
        )
        for cause in answer.causes
        if cause.reason == "FieldManagerConflict"
    ]
    if faults:
        return ConflictError(*faults)
    advice = "nothing was written; look at it and try again"
    return OvertakenError(Fault(asked.object, "as it was when it was read", "a change by somebody else", advice))


def _manager(message: str) -> str:
    match = _MANAGER.search(message)
    return match["manager"] if match else "somebody else"


def _refusals(answer: Answer, asked: Asked) -> Iterator[Fault]:
    advice = f"correct it in what {asked.object} is made from"
    fields = [cause for cause in answer.causes if cause.field]
    for cause in fields:
        yield Fault(cause.field, "a value that the cluster takes", cause.message, advice)
    if fields:
        return
    untyped = _UNTYPED.search(answer.message)
    if untyped:
        yield Fault(untyped["path"].lstrip("."), "a field of this kind", untyped["words"], advice)
        return
    webhook = _WEBHOOK.search(answer.message)
    by = f"what {webhook['name']} takes" if webhook else "what the cluster takes"
    for line in _WEBHOOK.sub("", answer.message).splitlines():
        match = _FIELDS.fullmatch(line.strip())
        if match:
            yield Fault(match["paths"], by, match["words"], advice)
        elif line.strip():
            yield Fault(asked.object, by, line.strip(), advice)
