"""A server's refusal as the error that the same fault raises here."""

from typing import Any

import msgspec

from poorwill import errors
from poorwill.client.transport import Reply, retry_after_seconds
from poorwill.errors import Fault, PoorwillError

_KINDS = {
    kind.kind: kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, PoorwillError)
}
# for servers that don't tell the kind; 502 and 504 come from what stands before them
_STATUSES = {
    400: errors.InvalidRequestError,
    401: errors.UnauthenticatedError,
    403: errors.DeniedError,
    404: errors.NotFoundError,
    408: errors.TooSlowError,
    409: errors.ConflictError,
    413: errors.TooLargeError,
    415: errors.UnsupportedMediaError,
    422: errors.InvalidRequestError,
    429: errors.UnavailableError,
    502: errors.UnavailableError,
    503: errors.UnavailableError,
    504: errors.UnavailableError,
}
_KIND_PREFIX = "urn:poorwill:error:"
_LONGEST_TEXT = 500


class _Row(msgspec.Struct):
    where: str
    wanted: str
    found: str
    next: str


class _Problem(msgspec.Struct):
    """Problem details (RFC 9457) and, in `error`, the inference protocol's own form."""

    type: str = ""
    faults: list[_Row] = []
    request_id: str = ""
    error: Any = None


def refusal(reply: Reply, request: str) -> PoorwillError:
    """Return the error that an answer means.

    Args:
        reply: with a status other than 2xx.
        request: what was asked, "POST /v2/models/digits/infer".
    """
    try:
        problem = msgspec.json.decode(reply.body, type=_Problem)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        problem = _Problem()
    faults = [Fault(*msgspec.structs.astuple(row)) for row in problem.faults]
    if not faults:
        text = f", {problem.error[:_LONGEST_TEXT]}" if isinstance(problem.error, str) else ""
        faults = [Fault(request, "an answer of 2xx", f"{reply.status}{text}", "see the server's log")]
    kind = _KINDS.get(problem.type.removeprefix(_KIND_PREFIX)) or _STATUSES.get(reply.status, PoorwillError)
    error = _made(kind, faults, reply)
    error.request_id = problem.request_id or reply.headers.get("x-request-id", "")
    return error


def _made(kind: type[PoorwillError], faults: list[Fault], reply: Reply) -> PoorwillError:
    if kind is errors.MethodNotAllowedError:
        return errors.MethodNotAllowedError(*faults, allow=reply.headers.get("allow", ""))
    if kind is errors.UnavailableError:
        seconds = retry_after_seconds(reply.headers.get("retry-after", ""))
        return errors.UnavailableError(*faults, retry_after_seconds=max(1, round(seconds)))
    return kind(*faults)
