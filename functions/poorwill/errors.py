"""The one exception tree: each class fixes an HTTP status and an exit code, each instance says what to do next."""

from typing import ClassVar, NamedTuple


class Fault(NamedTuple):
    """One thing that is wrong: where, what was wanted, what was found, what to do next.

    No part ever quotes a caller's value: types, shapes, sizes and names of our own only.
    """

    where: str
    wanted: str
    found: str
    next: str

    def __str__(self) -> str:
        """Return the fault as one sentence."""
        return f"{self.where}: wanted {self.wanted}, found {self.found}; {self.next}"


class PoorwillError(Exception):
    """Root of all errors that Poorwill raises on purpose; carries every fault of one input at once."""

    kind: ClassVar[str] = "internal"
    title: ClassVar[str] = "Poorwill failed"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 70
    request_id: str = ""  # the server's, where the error came as its answer

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*faults)
        self.faults = faults

    def __str__(self) -> str:
        """Return all faults, one a line."""
        return "\n".join(map(str, self.faults))


class UsageError(PoorwillError):
    """A command line or a setting that can't be used."""

    kind, title, status, exit_code = "usage", "The command can't be used so", 400, 2


class InvalidRequestError(PoorwillError):
    """A request whose content breaks the protocol or the model's signature."""

    kind, title, status, exit_code = "invalid-request", "The request is not valid", 400, 65


class UnauthenticatedError(PoorwillError):
    """A caller that did not show who it is, or not so that it can be believed."""

    kind, title, status, exit_code = "unauthenticated", "Who asks is not known", 401, 77

    def __init__(self, *faults: Fault, challenge: str = "Bearer") -> None:
        super().__init__(*faults)
        self.challenge = challenge  # of WWW-Authenticate (RFC 9110, 11.6.1)


class DeniedError(PoorwillError):
    """A right that the caller does not have."""

    kind, title, status, exit_code = "denied", "That is not allowed", 403, 77


class NotFoundError(PoorwillError):
    """A model, version, alias, blob or path that does not exist."""

    kind, title, status, exit_code = "not-found", "Not found", 404, 66


class MethodNotAllowedError(PoorwillError):
    """An HTTP method that the path does not take."""

    kind, title, status, exit_code = "method-not-allowed", "Method not allowed", 405, 65

    def __init__(self, *faults: Fault, allow: str) -> None:
        super().__init__(*faults)
        self.allow = allow


class TooSlowError(PoorwillError):
    """A request that did not arrive in time."""

    kind, title, status, exit_code = "too-slow", "The request did not arrive in time", 408, 69


class ConflictError(PoorwillError):
    """A change that somebody else's change overtook, or that another record forbids."""

    kind, title, status, exit_code = "conflict", "The change conflicts with another", 409, 73


class TooLargeError(PoorwillError):
    """A body over the limit."""

    kind, title, status, exit_code = "too-large", "The request is too large", 413, 65


class HeadTooLargeError(PoorwillError):
    """A request line and headers over the limit."""

    kind, title, status, exit_code = "head-too-large", "The request's headers are too large", 431, 65


class UnsupportedMediaError(PoorwillError):
    """A content type or encoding that is not served."""

    kind, title, status, exit_code = "unsupported-media", "The content type is not supported", 415, 65


class UnavailableError(PoorwillError):
    """A store or a predictor that can't answer now, and may later."""

    kind, title, status, exit_code = "unavailable", "Not available now", 503, 69

    def __init__(self, *faults: Fault, retry_after_seconds: int = 1) -> None:
        super().__init__(*faults)
        self.retry_after_seconds = retry_after_seconds


class InvalidModelError(PoorwillError):
    """A file that is not a model that can be served."""

    kind, title, status, exit_code = "invalid-model", "The model can't be served", 422, 65


class RefusedError(PoorwillError):
    """An object that breaks a rule of its kind; each fault names the field by its path."""

    kind, title, status, exit_code = "refused", "The object breaks the rules of its kind", 422, 65


class CorruptError(PoorwillError):
    """Bytes that do not have the digest they are stored under, or a record that can't be read."""

    kind, title, status, exit_code = "corrupt", "Stored bytes are not what was stored", 500, 74


class ModelFailedError(PoorwillError):
    """A model that failed on a request that its signature allows."""

    kind, title, status, exit_code = "model-failed", "The model failed", 500, 70


class FailedError(PoorwillError):
    """A version, or a cluster, that does not get ready as it is, however long one waits."""

    kind, title, status, exit_code = "failed", "It does not get ready as it is", 422, 78


class NotReadyError(PoorwillError):
    """A version that did not get ready in the time it was given, and may later."""

    kind, title, status, exit_code = "not-ready", "Not ready in time", 504, 75


class UpstreamError(PoorwillError):
    """A process that broke off before it had answered."""

    kind, title, status, exit_code = "upstream", "The function broke off", 502, 69


class UpstreamTimeoutError(PoorwillError):
    """A function that did not answer within its revision's time."""

    kind, title, status, exit_code = "upstream-timeout", "The function did not answer in time", 504, 69
