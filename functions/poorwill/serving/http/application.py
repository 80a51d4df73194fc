"""What the HTTP server carries: anything with these seven names."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol

from poorwill.errors import PoorwillError
from poorwill.serving.message import Answer, Request

Call = Callable[[Request], Answer]
"""Answers a request on a thread."""

Refusal = Callable[[str, str, Mapping[str, str]], PoorwillError | None]
"""Tells by method, path and headers why a request is not let in, before its body is read; never raises."""


class Begun(Protocol):
    """A request that was decoded, to be completed with others."""

    @property
    def weight(self) -> int:
        """Return how much of the limit it takes."""


class Batching(Protocol):
    """What answers requests together; may be called by several threads."""

    @property
    def is_of_use(self) -> bool:
        """Tell whether requests are worth being answered together; once it is False, it stays so."""

    @property
    def limit(self) -> int:
        """Return the weight beyond which no request is to be added to those that are begun."""

    def takes(self, request: Request) -> bool:
        """Tell whether the request is of a kind that may be answered with others."""

    def begin(self, request: Request) -> Begun | Answer:
        """Return a request that it takes as begun, or its answer where it is refused; never raises."""

    def complete(self, begun: Sequence[Any]) -> Iterator[list[tuple[int, Answer]]]:
        """Yield answers as soon as they are there, each with its request's place among those begun; never raises."""


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

    @property
    def shares(self) -> Literal["", "loop", "threads"]:
        """Tell which requests may be answered together: light ones, on the loop, heavy ones, on threads, or none."""

    @property
    def batcher(self) -> Batching:
        """Return what answers requests together; asked for when some have come at once, if they may be."""

    def stopping(self) -> None:
        """Turn readiness off: SIGTERM came. Requests are answered on."""
