"""What the server itself has to say to a client, before there is a request that an application could answer."""

from poorwill.errors import (
    Fault,
    HeadTooLargeError,
    TooLargeError,
    TooSlowError,
    UnavailableError,
)


def malformed(found: str, where: str = "HTTP request", wanted: str = "one that is well formed") -> Fault:
    """Return what is wrong with the framing of a request."""
    return Fault(where, wanted, found, "send HTTP/1.1 as RFC 9112 writes it, in a new connection")


def head_too_large(limit_bytes: int) -> HeadTooLargeError:
    """Return the refusal of a head over the limit."""
    wanted = f"at most {limit_bytes} bytes"
    return HeadTooLargeError(Fault("request line and headers", wanted, "more", "send fewer or shorter headers"))


def too_large(limit_bytes: int) -> TooLargeError:
    """Return the refusal of a body over the limit."""
    return TooLargeError(Fault("body", f"at most {limit_bytes} bytes", "more", "send less, or in several requests"))


def too_thin() -> TooLargeError:
    """Return the refusal of chunks that are nearly all framing."""
    return TooLargeError(Fault("chunked body", "chunks that carry data", "hardly any data", "send larger chunks"))


def too_slow(limit_seconds: float) -> TooSlowError:
    """Return the refusal of a request that dawdles."""
    wanted = f"all of it within {limit_seconds:g} seconds"
    return TooSlowError(Fault("request", wanted, "a part of it", "send it faster, or its true length"))


def too_many(where: str, limit: int) -> UnavailableError:
    """Return the refusal of one more than the limit."""
    return UnavailableError(Fault(where, f"at most {limit}", "more", "try again in a second"))
