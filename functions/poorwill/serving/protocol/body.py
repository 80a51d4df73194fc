"""The body's content encoding: gzip and deflate, in and out, never over the limit."""

import zlib

from poorwill.errors import Fault, InvalidRequestError, TooLargeError, UnsupportedMediaError
from poorwill.serving.message import JSON, Answer, Request

# wbits of zlib: a gzip member, and deflate as HTTP means it, with zlib's header (RFC 9110, section 8.4.1.2)
_WBITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_WORTH_BYTES = 16_384  # smaller answers gain less from packing than it costs


def unpack(request: Request, limit_bytes: int) -> bytes | bytearray | memoryview:
    """Return the body without its content encoding.

    Raises:
        UnsupportedMediaError: an encoding other than gzip and deflate.
        InvalidRequestError: the body isn't what its encoding says.
        TooLargeError: more than `limit_bytes` when unpacked.
    """
    encoding = request.headers.get("content-encoding")
    if encoding is None or encoding == "identity":
        return request.body
    wbits = _WBITS.get(encoding.strip().lower())
    if wbits is None:
        raise UnsupportedMediaError(
            Fault("content-encoding", "gzip, deflate or none", "another encoding", "send the body in one of them")
        )
    inflater = zlib.decompressobj(wbits)
    try:
        body = inflater.decompress(request.body, limit_bytes + 1)
    except zlib.error:
        body = None
    if body is not None and len(body) > limit_bytes:
        raise TooLargeError(Fault("body", f"at most {limit_bytes} bytes unpacked", "more", "send less at once"))
    if body is None or not inflater.eof or inflater.unused_data:
        found = "bytes that aren't"
        raise InvalidRequestError(Fault("body", "one whole packed body", found, "pack it as content-encoding says"))
    return body


def pack(answer: Answer, accepted: str) -> Answer:
    """Return a large JSON answer packed as the caller's Accept-Encoding allows, any other as it is."""
    if len(answer.body) < _WORTH_BYTES or not answer.content_type.startswith(JSON):
        return answer
    wanted = dict(_weight(part) for part in accepted.lower().split(","))
    encoding = next((name for name in ("gzip", "deflate") if wanted.get(name, 0) > 0), None)
    if encoding is None:
        return answer
    deflater = zlib.compressobj(1, wbits=_WBITS[encoding])
    body = deflater.compress(answer.body) + deflater.flush()
    headers = (*answer.headers, ("content-encoding", encoding), ("vary", "accept-encoding"))
    return answer._replace(body=body, headers=headers)


def _weight(part: str) -> tuple[str, float]:
    """Return a content coding and its weight (RFC 9110, section 12.4.2); one that can't be read is 0."""
    name, _, parameter = part.partition(";")
    try:
        return name.strip(), float(parameter.replace(" ", "").removeprefix("q=") or 1)
    except ValueError:
        return name.strip(), 0.0
