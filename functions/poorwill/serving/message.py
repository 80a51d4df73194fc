"""A request and its answer, as both carriers (our server and functions-framework) hand them over."""

from typing import NamedTuple

JSON = "application/json"


class Request(NamedTuple):
    """One HTTP request, whole: the path without query, header names in lower case, the body unpacked by nobody yet."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    """One HTTP answer; `headers` are added to those that every answer carries."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
