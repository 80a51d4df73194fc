"""Requests that wait together are answered together; nobody waits in order to be."""

from collections import Counter
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import TYPE_CHECKING

from poorwill.serving.batching.choice import Choice
from poorwill.serving.batching.sharing import Ran
from poorwill.serving.message import Answer, Request
from poorwill.serving.predictor import Passage, header_length
from poorwill.serving.protocol import body
from poorwill.serving.protocol.infer_wire import Call

if TYPE_CHECKING:
    from poorwill.serving.application import Application

ROUTE = "infer"
_SETTLING = 2  # requests at once, by which the plan of short runs is settled


class Begun:
    """An infer request that was decoded and not run yet; its weight is in rows of the limit."""

    __slots__ = ("call", "passage", "request", "weight")

    def __init__(self, request: Request, passage: Passage, call: Call, weight: int) -> None:
        self.request = request
        self.passage = passage
        self.call = call
        self.weight = weight


class Batcher:
    """Answers infer requests of one version, several by one run of the model; may be called by several threads.

    Args:
        choice: whose plan is followed.
        application: that counts and logs each request as its own.
        limit_bytes: of an unpacked body.
    """

    __slots__ = ("_application", "_choice", "_counting", "_limit_bytes", "_paths", "_predictor", "requests")

    def __init__(self, choice: Choice, application: "Application", limit_bytes: int) -> None:
        self._choice = choice
        self._application = application
        self._predictor = application.predictor
        self._paths = frozenset(path for path in application.paths if path.endswith("/infer"))
        self._limit_bytes = limit_bytes
        self._counting = Lock()
        self.requests: Counter[int] = Counter()
        """How many requests had a run with how many, themselves among them."""
        if choice.is_open and not choice.is_short:
            choice.settle_when_idle()

    @property
    def is_of_use(self) -> bool:
        """Return whether requests share runs, or will when that is settled."""
        return self._choice.may_share

    @property
    def limit(self) -> int:
        """Return the weight beyond which nothing more is taken."""
        return _SETTLING if self._is_unsettled else self._choice.sharer.rows_limit

    def takes(self, request: Request) -> bool:
        """Return whether it is an infer request."""
        return request.path in self._paths and request.method == "POST"

    def begin(self, request: Request) -> Begun | Answer:
        """Decode an infer request; return its answer where it is refused."""
        passage = self._application.passage(request.headers)
        try:
            length = header_length(request.headers)
            call = self._predictor.decode(body.unpack(request, self._limit_bytes), length)
            return Begun(request, passage, call, self._choice.sharer.weight(call))
        except Exception as error:  # noqa: BLE001 - its caller's, or a bug that must not end the process
            return self._application.failed(ROUTE, request, passage, error)

    def complete(self, begun: Sequence[Begun]) -> Iterator[list[tuple[int, Answer]]]:
        """Yield each run's answers as soon as it has ended, each with its request's place among those begun."""
        if self._is_unsettled and len(begun) > 1:
            self._choice.settle()
        for run in self._choice.sharer.run([one.call for one in begun]):
            with self._counting:
                self.requests[len(run)] += len(run)
            yield [(ran.place, self._answer(begun[ran.place], ran)) for ran in run]

    def _answer(self, begun: Begun, ran: Ran) -> Answer:
        request, passage = begun.request, begun.passage
        passage.decoded_ns = ran.start_ns  # with what it took to decode those that shared the run
        if isinstance(ran.outcome, Exception):
            return self._application.failed(ROUTE, request, passage, ran.outcome)
        passage.ran_ns = ran.end_ns
        try:
            answer = self._predictor.encode(begun.call, ran.outcome, passage.request_id)
        except Exception as error:  # noqa: BLE001 - likewise
            return self._application.failed(ROUTE, request, passage, error)
        return self._application.finish(ROUTE, request, passage, answer, shared_by=ran.calls)

    @property
    def _is_unsettled(self) -> bool:
        """Return whether the second of two requests is to settle the plan, on the loop."""
        return self._choice.is_open and self._choice.is_short
