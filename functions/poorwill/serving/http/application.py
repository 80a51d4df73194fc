"""What the HTTP server carries: anything with these five names."""

from collections.abc import Callable, Mapping
from typing import Protocol

from poorwill.errors import PoorwillError
from poorwill.serving.message import Answer, Request

Call = Callable[[Request], Answer]
"""Answers a request on a thread."""

Refusal = Callable[[str, str, Mapping[str, str]], PoorwillError | None]
"""Tells by method, path and headers why a request is not let in, before its body is read; never raises."""


class Application(Protocol):
    """What answers requests; functions-framework carries the same one."""

    @property
    def common_headers(self) -> tuple[tuple[str, str], ...]:
        """Return the headers that every answer carries; read once."""

    def answer(self, request: Request) -> Answer:
        """Return the answer; never raises, may block, may be called by several threads."""

    def refuse(self, error: PoorwillError) -> Answer:
        """Return the answer where there is no request: malformed, slow, too large, one too many, or a bug.

        An UnavailableError's answer carries Retry-After; an error that came of a bug has it as its cause.
        """

    def is_heavy(self, request: Request) -> bool:
        """Tell whether the request would hold up others, and is to run on a thread."""

    def stopping(self) -> None:
        """Turn readiness off: SIGTERM came. Requests are answered on."""
