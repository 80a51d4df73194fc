"""An error as its HTTP answer: RFC 9457 problem details, with the `error` member that the inference protocols know."""

import msgspec

from poorwill.errors import MethodNotAllowedError, PoorwillError, UnauthenticatedError, UnavailableError
from poorwill.serving.message import Answer

CONTENT_TYPE = "application/problem+json"


def problem(error: PoorwillError, request_id: str) -> Answer:
    """Return the answer that says all that is wrong, and nothing of what the caller sent."""
    detail = str(error) or error.title
    body = msgspec.json.encode(
        {
            "type": f"urn:poorwill:error:{error.kind}",
            "title": error.title,
            "status": error.status,
            "detail": detail,
            "faults": [fault._asdict() for fault in error.faults],
            "request_id": request_id,
            "error": detail,
        }
    )
    return Answer(error.status, body, CONTENT_TYPE, _headers(error))


def _headers(error: PoorwillError) -> tuple[tuple[str, str], ...]:
    if isinstance(error, UnavailableError):
        return (("retry-after", str(error.retry_after_seconds)),)
    if isinstance(error, MethodNotAllowedError):
        return (("allow", error.allow),)
    if isinstance(error, UnauthenticatedError):
        return (("www-authenticate", error.challenge),)
    return ()
