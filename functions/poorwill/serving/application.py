"""The predictor's application: routes, errors, metrics, log lines; both carriers call `answer`, neither adds to it."""

import os
from collections.abc import Callable, Mapping
from threading import Lock
from time import monotonic_ns, perf_counter_ns
from traceback import extract_tb
from typing import TYPE_CHECKING, Literal

import msgspec

from poorwill import __version__
from poorwill.errors import Fault, MethodNotAllowedError, NotFoundError, PoorwillError, UnavailableError
from poorwill.serving.ledger import Ledger
from poorwill.serving.message import Answer, Request
from poorwill.serving.metrics import Metrics
from poorwill.serving.predictor import Passage, Predictor, Served, header_length
from poorwill.serving.protocol import body, openapi
from poorwill.serving.protocol.events_endpoint import EventEndpoint
from poorwill.serving.protocol.problem import problem
from poorwill.serving.server_timing import server_timing
from poorwill.settings import Settings
from poorwill.telemetry import Log, trace_id

if TYPE_CHECKING:
    from poorwill.serving.batching.batcher import Batcher
    from poorwill.serving.batching.known import Sharing
    from poorwill.serving.sampling.sampler import Sampler

Handler = Callable[[Request, Passage], Answer]

_new = tuple.__new__  # a NamedTuple's own constructor takes twice as long
_LARGE_BODY_BYTES = 65_536  # decoding more than this would hold up the event loop
_LONGEST_ID = 128


class Application:
    """Answers every request for one served version; `answer` never raises and may be called by several threads."""

    def __init__(  # noqa: PLR0913 - all that a start has made
        self,
        served: Served,
        *,
        settings: Settings,
        ledger: Ledger,
        log: Log,
        heavy: bool = False,
        sampler: "Sampler | None" = None,
        sharing: "Sharing | None" = None,
    ) -> None:
        self.served = served
        self.sampler = sampler
        self.metrics = Metrics()
        self.ledger = ledger
        self.common_headers = (
            ("poorwill-model", served.name),
            ("poorwill-version", served.version),
            ("poorwill-digest", served.digest),
        )
        self._heavy = heavy
        self._limit_bytes = settings.body_limit_bytes
        self._slow_ns = int(settings.slow_ms * 1e6)
        self._log = log
        self._sampled = log.sampled
        self._observe = self.metrics.observe
        self._stopping = False
        self._answered = False
        self._first = Lock()
        self._id_prefix = os.urandom(6).hex()
        self._ids = iter(range(2**63)).__next__
        self.predictor = Predictor(served, sampler)
        self.sharing = sharing
        self._batcher: Batcher | None = None
        self._routes = self._table()

    def answer(self, request: Request) -> Answer:
        """Return the answer, counted and logged."""
        headers = request.headers
        passage = Passage(self._given_id(headers) if "x-request-id" in headers else self._new_id(), perf_counter_ns())
        name = "none"
        try:
            name, handler = self._route(request)
            answer = handler(request, passage)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the process
            return self.failed(name, request, passage, error)
        return self.finish(name, request, passage, answer)

    def refuse(self, error: PoorwillError) -> Answer:
        """Return the answer to what a carrier could not take: malformed, too large, too slow, too much at once.

        An error that came of a bug of ours has it as its cause, whose place is logged.
        """
        passage = Passage(self._new_id(), perf_counter_ns())
        if isinstance(error.__cause__, Exception):
            self._unexpected(error.__cause__, passage)
        return self.finish("none", None, passage, problem(error, passage.request_id), error=error)

    def is_heavy(self, request: Request) -> bool:
        """Return whether the request should not hold up others: a heavy model's, or one with a large body."""
        return request.method == "POST" and (self._heavy or len(request.body) > _LARGE_BODY_BYTES)

    @property
    def shares(self) -> Literal["", "loop", "threads"]:
        """Return where infer requests may share runs of the model, "" for nowhere."""
        if self.sharing is None or not self.sharing.may_gain:
            return ""
        return "threads" if self._heavy else "loop"

    @property
    def batcher(self) -> "Batcher":
        """Return what answers infer requests together, made at the first call."""
        if self._batcher is None:
            from poorwill.serving.batching.batcher import Batcher

            assert self.sharing is not None  # noqa: S101 - `shares` told so
            self._batcher = Batcher(self.sharing.choice, self, self._limit_bytes)
        return self._batcher

    @property
    def shared_requests(self) -> Mapping[int, int]:
        """Return how many infer requests had a run of the model with how many, themselves among them."""
        return self._batcher.requests if self._batcher else {}

    @property
    def paths(self) -> tuple[str, ...]:
        """Return every path that is served."""
        return tuple(self._routes)

    def stopping(self) -> None:
        """Turn readiness off; requests are answered on."""
        self._stopping = True

    def _table(self) -> dict[str, tuple[str, dict[str, Handler]]]:
        name, version = self.served.name, self.served.version
        events = EventEndpoint(self.predictor)
        described = msgspec.json.encode(openapi.metadata(self.served))
        document = openapi.document(self.served)
        table: dict[str, tuple[str, dict[str, Handler]]] = {
            "/": ("events", {"POST": lambda request, passage: events.answer(self._unpacked(request), passage)}),
            "/openapi.json": ("openapi", {"GET": _fixed(document)}),
            "/batching": ("batching", {"GET": self._batching}),
            "/cold-start": ("cold_start", {"GET": self._cold_start}),
            "/v2": ("server_metadata", {"GET": _fixed(openapi.server(__version__))}),
            "/v2/health/live": ("live", {"GET": _fixed(b'{"live":true}')}),
            "/v2/health/ready": ("ready", {"GET": self._ready}),
            "/v1/models": ("v1_models", {"GET": _fixed(msgspec.json.encode({"models": [name]}))}),
            f"/v1/models/{name}": ("v1_model", {"GET": self._v1_model}),
            f"/v1/models/{name}:predict": ("v1_predict", {"POST": self._predict_v1}),
        }
        for path in (f"/v2/models/{name}", f"/v2/models/{name}/versions/{version}"):
            table[path] = ("model_metadata", {"GET": _fixed(described)})
            table[f"{path}/ready"] = ("model_ready", {"GET": self._ready})
            table[f"{path}/infer"] = ("infer", {"POST": self._infer})
        return table

    def _route(self, request: Request) -> tuple[str, Handler]:
        found = self._routes.get(request.path) or self._routes.get(request.path.rstrip("/"))
        if found is None:
            raise NotFoundError(self._lost(request.path))
        name, handlers = found
        handler = handlers.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            allow = ", ".join(["HEAD", *handlers] if "GET" in handlers else handlers)
            fault = Fault("method", allow, "another method", f"send {allow} to this path")
            raise MethodNotAllowedError(fault, allow=allow)
        return name, handler

    def _lost(self, path: str) -> Fault:
        """Return what a path that is not served should have been."""
        name, version = self.served.name, self.served.version
        model, _, rest = path.removeprefix("/v2/models/").partition("/")
        if path.startswith("/v2/models/") and model != name:
            return Fault("model", f"'{name}'", "another model", f"send to /v2/models/{name}/infer")
        if path.startswith("/v2/models/") and rest.startswith("versions/") and rest.split("/")[1] != version:
            return Fault("version", version, "another version", f"send to /v2/models/{name}/versions/{version}/infer")
        return Fault("path", "one that is served", "another path", "GET /openapi.json lists them all")

    def _infer(self, request: Request, passage: Passage) -> Answer:
        length = header_length(request.headers)
        return self.predictor.infer(body.unpack(request, self._limit_bytes), length, passage)

    def _predict_v1(self, request: Request, passage: Passage) -> Answer:
        header_length({key: value for key, value in request.headers.items() if key == "content-type"})
        return self.predictor.predict_v1(body.unpack(request, self._limit_bytes), passage)

    def _unpacked(self, request: Request) -> Request:
        return request._replace(body=body.unpack(request, self._limit_bytes))

    def _ready(self, _request: Request, _passage: Passage) -> Answer:
        if self._stopping:
            raise UnavailableError(Fault("server", "one that takes requests", "one that is stopping", "ask again"))
        return Answer(200, b'{"ready":true}')

    def _v1_model(self, request: Request, passage: Passage) -> Answer:
        self._ready(request, passage)
        return Answer(200, msgspec.json.encode({"name": self.served.name, "ready": True}))

    def _batching(self, _request: Request, _passage: Passage) -> Answer:
        from poorwill.serving.batching.report import report

        return Answer(200, msgspec.json.encode(report(self.served, self.sharing, self.shared_requests)))

    def _cold_start(self, _request: Request, _passage: Passage) -> Answer:
        return Answer(200, msgspec.json.encode(self.ledger.report()))

    def passage(self, headers: Mapping[str, str]) -> Passage:
        """Return the beginning of a request's way."""
        return Passage(self._given_id(headers) if "x-request-id" in headers else self._new_id(), perf_counter_ns())

    def _new_id(self) -> str:
        return f"{self._id_prefix}{self._ids():x}"

    def _given_id(self, headers: Mapping[str, str]) -> str:
        """Return the caller's own id, a new one where it can't be sent back."""
        given = headers["x-request-id"]
        if given and len(given) <= _LONGEST_ID and given.isascii() and given.isprintable():
            return given
        return self._new_id()

    def finish(
        self,
        route: str,
        request: Request | None,
        passage: Passage,
        answer: Answer,
        *,
        error: PoorwillError | None = None,
        shared_by: int = 1,
    ) -> Answer:
        """Count and log an answer, and put what was measured into its headers; `shared_by` requests had one run."""
        end_ns = perf_counter_ns()
        took_ns = end_ns - passage.start_ns
        model_ns = passage.ran_ns and passage.ran_ns - passage.decoded_ns
        status, content, content_type, headers = answer
        self._observe((route, status, took_ns, len(request.body) if request else 0, model_ns))
        if status >= 400 or took_ns > self._slow_ns or self._sampled():
            self._line(route, request, passage, answer, took_ns, error)
        timing = server_timing(passage, end_ns)
        if shared_by > 1:
            timing += f", batch;desc={shared_by}"
        if model_ns and not self._answered:
            timing += self._first_answer(took_ns)
        if request is not None and "accept-encoding" in request.headers:
            status, content, content_type, headers = body.pack(answer, request.headers["accept-encoding"])
        measured = (("x-request-id", passage.request_id), ("server-timing", timing))
        return _new(Answer, (status, content, content_type, headers + measured if headers else measured))

    def _line(
        self,
        route: str,
        request: Request | None,
        passage: Passage,
        answer: Answer,
        took_ns: int,
        error: PoorwillError | None,
    ) -> None:
        severity = "INFO" if answer.status < 400 else "WARNING" if answer.status < 500 else "ERROR"
        members: dict[str, object] = {"request_id": passage.request_id, "route": route, "status": answer.status}
        members["duration_ms"] = round(took_ns / 1e6, 3)
        if passage.ran_ns:
            members["model_ms"] = round((passage.ran_ns - passage.decoded_ns) / 1e6, 3)
        traced = trace_id(request.headers.get("traceparent", "")) if request else ""
        if traced:
            members["trace_id"] = traced
        if error is not None:
            members["kind"], members["detail"] = error.kind, str(error)
        self._log.line(severity, "answered", **members)

    def _first_answer(self, took_ns: int) -> str:
        """Close the cold-start ledger with the first answer to a caller; return what its Server-Timing says of it."""
        with self._first:
            if self._answered:
                return ""
            self._answered = True
        self.ledger.answered(monotonic_ns() - took_ns)
        report = self.ledger.report()
        self._log.line("INFO", "first answer", cold_start=report)
        return f", start;dur={report.first_answer_ms}"

    def failed(self, route: str, request: Request, passage: Passage, error: Exception) -> Answer:
        """Return the answer to a request that an error has ended, the caller's or a bug's."""
        if isinstance(error, PoorwillError):
            return self.finish(route, request, passage, problem(error, passage.request_id), error=error)
        self._unexpected(error, passage)
        return self.finish(route, request, passage, problem(PoorwillError(), passage.request_id))

    def _unexpected(self, error: Exception, passage: Passage) -> None:
        """Log where an unexpected error came from; not its text, which may quote the caller."""
        frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)]
        kind = type(error).__name__
        self._log.line("ERROR", "unexpected error", request_id=passage.request_id, error=kind, stack=frames)


def _fixed(content: bytes) -> Handler:
    answer = Answer(200, content)
    return lambda _request, _passage: answer
