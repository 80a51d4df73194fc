"""What the Kubernetes API answers when it doesn't do what was asked: Status objects, one per error."""

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from poorwill.errors import (
    ConflictError,
    Fault,
    InvalidRequestError,
    NotFoundError,
    PoorwillError,
    RefusedError,
    UnavailableError,
)
from poorwill.kinds.kind import SERVICE, Kind, Object
from poorwill.local.api.merge.apply import ApplyConflictError
from poorwill.local.api.merge.patches import PatchFailedError
from poorwill.local.state import AlreadyExistsError, ExpiredError

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.:]{0,251}[a-z0-9])?", re.ASCII)


class Cause(NamedTuple):
    """One thing that is wrong with an object."""

    reason: str  # FieldValueInvalid, FieldValueRequired, FieldManagerConflict
    message: str
    field: str


class StatusError(Exception):
    """An answer that is a Status of failure.

    Args:
        code: HTTP status.
        reason: one of Kubernetes' words for it, for programs.
        message: a sentence, for people.
        details: which object, and what about it.
    """

    def __init__(self, code: int, reason: str, message: str, details: Object | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details

    def status(self) -> Object:
        """Return the Status object."""
        failure = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": self.message}
        details = {} if self.details is None else {"details": self.details}
        return {**failure, "reason": self.reason, **details, "code": self.code}


def resource(kind: Kind) -> str:
    """Return how messages call a kind: services.serving.knative.dev."""
    return f"{kind.plural}.{kind.group}" if kind.group else kind.plural


def quotable(name: str) -> str:
    """Return a name as messages tell it: a value that is no name may be anything, so it isn't told."""
    return name if _NAME.fullmatch(name) else ""


def details(kind: Kind, name: str, causes: Iterable[Cause] = ()) -> Object:
    """Return which object a Status is about, and what is wrong with it."""
    found = {"name": name} if quotable(name) else {}
    found |= {"group": kind.group} if kind.group else {}
    told = [cause._asdict() for cause in causes]
    return {**found, "kind": kind.plural, **({"causes": told} if told else {})}


def bad_request(message: str) -> StatusError:
    """Return the answer to what can't be understood."""
    return StatusError(400, "BadRequest", message)


def no_such_resource() -> StatusError:
    """Return the answer to a path that nothing is served at."""
    return StatusError(404, "NotFound", "the server could not find the requested resource", {})


def not_allowed() -> StatusError:
    """Return the answer to a verb that a resource does not have."""
    message = "the server does not allow this method on the requested resource"
    return StatusError(405, "MethodNotAllowed", message, {})


def not_found(kind: Kind, name: str) -> StatusError:
    """Return the answer to the name of an object that isn't there."""
    return StatusError(404, "NotFound", f'{resource(kind)} "{quotable(name)}" not found', details(kind, name))


def forbidden(kind: Kind, name: str, why: str) -> StatusError:
    """Return the answer to what nobody may do."""
    message = f'{resource(kind)} "{quotable(name)}" is forbidden: {why}'
    return StatusError(403, "Forbidden", message, details(kind, name))


def invalid(kind: Kind, name: str, causes: Iterable[Cause]) -> StatusError:
    """Return the answer to an object that breaks a rule of Kubernetes."""
    causes = tuple(causes)
    told = [f"{cause.field}: {cause.message}" for cause in causes]
    listed = told[0] if len(told) == 1 else f"[{', '.join(told)}]"
    found = {**details(kind, name, causes), "kind": kind.kind}
    return StatusError(422, "Invalid", f'{kind.kind} "{quotable(name)}" is invalid: {listed}', found)


def conflict(kind: Kind, name: str, why: str = "") -> StatusError:
    """Return the answer to a write that another write overtook."""
    modified = "the object has been modified; please apply your changes to the latest version and try again"
    message = f'Operation cannot be fulfilled on {resource(kind)} "{quotable(name)}": {why or modified}'
    return StatusError(409, "Conflict", message, details(kind, name))


def unsupported_media(*accepted: str) -> StatusError:
    """Return the answer to a body of a type that isn't taken here."""
    message = "the body of the request was in an unknown format - accepted media types include: " + ", ".join(accepted)
    return StatusError(415, "UnsupportedMediaType", message)


def expired() -> StatusError:
    """Return the answer to a version that is too far back: list again."""
    return StatusError(410, "Expired", "too old resource version: the changes since then are not all kept; list again")


def answer(error: PoorwillError, kind: Kind, name: str) -> StatusError:
    """Return the answer to an error that one of the parts below raised about an object."""
    return next((made(error, kind, name) for type_, made in _ANSWERS if isinstance(error, type_)), internal())


def internal() -> StatusError:
    """Return the answer to what should not happen."""
    return StatusError(500, "InternalError", "Internal error occurred: the twin's log has more", {})


def _taken(_: PoorwillError, kind: Kind, name: str) -> StatusError:
    return StatusError(409, "AlreadyExists", f'{resource(kind)} "{quotable(name)}" already exists', details(kind, name))


def _owned(error: ApplyConflictError, _kind: Kind, _name: str) -> StatusError:
    causes = [Cause("FieldManagerConflict", one.message, one.field)._asdict() for one in error.conflicts]
    return StatusError(409, "Conflict", error.message, {"causes": causes})


def _unfit(error: PoorwillError, _kind: Kind, _name: str) -> StatusError:
    return StatusError(422, "Invalid", f"the patch does not fit: {_sentence(error.faults)}", {})


def _refused(error: RefusedError, kind: Kind, name: str) -> StatusError:
    """Return a refusal as Knative's webhook words it, or Kubernetes for its own kinds; with the fields in both."""
    causes = [Cause("FieldValueInvalid", _told(fault), fault.where) for fault in error.faults]
    if not kind.custom:
        return invalid(kind, name, causes)
    lines = "\n".join(f"{cause.message}: {cause.field}" for cause in causes)
    part = "serving" if kind.group == SERVICE.group else "eventing"
    webhook = f'admission webhook "validation.webhook.{part}.knative.dev" denied the request: validation failed: '
    return StatusError(400, "BadRequest", webhook + lines, details(kind, name, causes))


def _told(fault: Fault) -> str:
    return f"wanted {fault.wanted}, found {fault.found}; {fault.next}"


def _sentence(faults: Iterable[Fault]) -> str:
    return "; ".join(map(str, faults))


# the first that fits, so the special before the general
_ANSWERS: tuple[tuple[type[PoorwillError], Callable[[Any, Kind, str], StatusError]], ...] = (
    (ApplyConflictError, _owned),
    (AlreadyExistsError, _taken),
    (ExpiredError, lambda *_: expired()),
    (NotFoundError, lambda _, kind, name: not_found(kind, name)),
    (ConflictError, lambda _, kind, name: conflict(kind, name)),
    (RefusedError, _refused),
    (PatchFailedError, _unfit),
    (UnavailableError, lambda error, *_: StatusError(503, "ServiceUnavailable", _sentence(error.faults))),
    (InvalidRequestError, lambda error, *_: bad_request(_sentence(error.faults))),
)
