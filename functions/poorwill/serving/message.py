"""A request and its answer, as both carriers (our server and functions-framework) hand them over."""

from collections.abc import Mapping
from typing import NamedTuple

JSON = "application/json"
HEADER_LENGTH = "inference-header-content-length"
"""Length of the JSON part of a request or answer whose tensors follow in binary."""


class Request(NamedTuple):
    """One HTTP request, whole: the path without query, header names in lower case, the body unpacked by nobody yet.

    The path is as it was sent, percent signs included. Headers are shared by equal requests: nobody changes them.
    A body that came in one piece is bytes, a longer one what it was collected in: a copy of it is spared.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | bytearray | memoryview


class Answer(NamedTuple):
    """One HTTP answer; `headers` are added to those that every answer carries."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
