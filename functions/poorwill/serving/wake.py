"""From nothing to ready: fetch and verify beside the imports, then session, then a warm-up; each phase is timed.

What is imported here is imported before the fetch begins, so it is light: no numpy, no Flask, no boto3.
"""

from threading import Thread
from time import monotonic_ns, perf_counter_ns
from typing import TYPE_CHECKING, NamedTuple

from poorwill.errors import Fault, InvalidModelError, PoorwillError, UsageError
from poorwill.registry.lookup import Fetched, fetch_version
from poorwill.registry.names import parse_version_name
from poorwill.serving.ledger import Ledger, StartPack
from poorwill.settings import Settings
from poorwill.store.reader import open_reader
from poorwill.telemetry import Log

if TYPE_CHECKING:
    from poorwill.registry.onnx_session import OnnxModel
    from poorwill.registry.packs import PackRecord
    from poorwill.serving.application import Application
    from poorwill.serving.auth.gate import Gate
    from poorwill.serving.batching.choice import Choice
    from poorwill.serving.batching.known import Known, Sharing
    from poorwill.serving.model import Tensors
    from poorwill.serving.predictor import Predictor, Sample, Served
    from poorwill.serving.sampling.sampler import Sampler

_WARM_UPS = 3  # the first pays for what the others find ready, and the fastest tells a heavy model from a light one
_ENOUGH_MS = 100.0  # a run of this length leaves no doubt, and a second one would only delay readiness
_FUNCTION = "a function of your own is asked request by request"
HEAVY_MS = 1.0
"""A request that takes longer than this runs on a thread; a hand-over costs a light model more than it gains."""


class Awake(NamedTuple):
    """What a start leaves: the application, ready, and what it was made with."""

    application: "Application"
    settings: Settings
    log: Log
    gate: "Gate | None" = None  # in front of it, where callers have to show who they are


class _Fetching(Thread):
    """Gets record and blobs while the engine is imported."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        super().__init__(daemon=True, name="fetch")
        self._settings = settings
        self._ledger = ledger
        self._fetched: Fetched | None = None
        self._error: Exception | None = None
        self.start()

    def run(self) -> None:
        """Fetch; what goes wrong is raised by `result`."""
        start_ns = monotonic_ns()
        try:
            fetched = _fetched(self._settings, self._settings.providers)
            self._ledger.add("fetch", start_ns, monotonic_ns() - start_ns - fetched.verify_ns)
            self._ledger.add("verify", monotonic_ns() - fetched.verify_ns, fetched.verify_ns)
            self._fetched = fetched
        except Exception as error:  # noqa: BLE001 - carried over to the thread that asks
            self._error = error

    def result(self) -> Fetched:
        """Wait for the bytes and return them, verified."""
        self.join()
        if self._fetched is None:
            raise self._error or RuntimeError
        return self._fetched


def _fetched(settings: Settings, providers: str) -> Fetched:
    """Return what the settings name; by its start pack where there is one for the providers, "" for without."""
    return fetch_version(
        open_reader(settings.store, timeout_seconds=settings.fetch_timeout_seconds),
        parse_version_name(settings.model),
        digest=settings.digest,
        trusted_keys=settings.trusted_keys,
        providers=providers,
        pack_digests=settings.pack_digests,
    )


def wake(settings: Settings, ledger: Ledger | None = None) -> Awake:
    """Return the application for what the settings name, after session and warm-up.

    Raises:
        UsageError: nothing to serve is named, or callers can't be authenticated as the settings have it.
        NotFoundError, CorruptError, UnavailableError: the version can't be had, or is not what was stored.
        DeniedError: it is not signed by a key that is trusted.
        InvalidModelError: it can't be served.
    """
    if not settings.model and not settings.function:
        found = "neither"
        raise UsageError(Fault("model", "name@number, or --function with a folder", found, "poorwill serve digits@1"))
    ledger = ledger or Ledger()
    fetching = _Fetching(settings, ledger) if settings.model else None
    from poorwill.serving import application  # noqa: F401 - the long import, numpy with it

    if fetching:
        from poorwill.registry import onnx_session  # noqa: F401 - onnxruntime
    ledger.add("imports", ledger.made_ns)  # this file and its settings were imports, too
    fetched = fetching.result() if fetching else None
    served, sample = _open(settings, ledger, fetched)
    # of a function around the model, the pack knows nothing
    pack = fetched.pack if fetched and not settings.function else None
    return _ready(served, sample, settings, ledger, pack)


def _session(settings: Settings, ledger: Ledger, fetched: Fetched) -> "OnnxModel":
    """Return the session, of the start pack if one was fetched; of the model itself where that one fails."""
    from poorwill.registry.onnx_session import open_session

    signature, providers = fetched.record.signature, settings.providers.split(",")
    pack = fetched.pack
    if pack is None:
        if fetched.pack_words:
            ledger.start_pack = StartPack(fetched.pack_words)
        with fetched.source() as source:
            return open_session(source, signature=signature, providers=providers)
    try:
        with fetched.source() as source:
            model = open_session(source, signature=signature, providers=providers, optimised=True)
    except InvalidModelError:
        ledger.start_pack = StartPack("one that could not be loaded, so that the model itself was")
        with _fetched(settings, "").source() as source:
            return open_session(source, signature=signature, providers=providers)
    ledger.start_pack = StartPack("", pack.pack_ms, pack.plain_ms)
    return model


def _open(settings: Settings, ledger: Ledger, fetched: Fetched | None) -> tuple["Served", "Sample | None"]:
    """Return what is served, and the sample request that warms it up, if there is one."""
    from poorwill.serving.predictor import Sample, Served

    start_ns = monotonic_ns()
    served, sample = None, None
    if fetched:
        record, model = fetched.record, _session(settings, ledger, fetched)
        served = Served(record.model, str(record.version), record.blob.digest, "onnxruntime_onnx", model)
        sample = Sample(fetched.sample) if fetched.sample else None
    if settings.function:
        from poorwill.serving.function import Function

        function = Function(settings.function)
        around = function.around(served.model if served else None)
        if served is None:
            served = Served(function.name, "1", function.digest, "poorwill_function", around)
        served = served._replace(model=around, handle_event=function.handle_event)
        sample = function.sample
    ledger.add("session", start_ns)
    assert served is not None  # noqa: S101 - wake refuses settings that name neither
    return served, sample


def _ready(
    served: "Served", sample: "Sample | None", settings: Settings, ledger: Ledger, pack: "PackRecord | None"
) -> Awake:
    from poorwill.serving.application import Application
    from poorwill.serving.predictor import Predictor

    log = Log(ratio=settings.log_ratio, model=served.name, version=served.version, revision=settings.revision)
    gate = _gate(settings, ledger, log)
    start_ns = monotonic_ns()
    known = warm_up(Predictor(served), sample, log, known_ms=pack.run_ms if pack else 0.0)
    ledger.add("warm_up", start_ns)
    ledger.ready()
    application = Application(
        served,
        settings=settings,
        ledger=ledger,
        log=log,
        heavy=known.heavy,
        sampler=_sampler(served, settings, log),
        sharing=_sharing(served, sample, settings, known, pack),
    )
    return Awake(application, settings, log, gate)


def _sharing(
    served: "Served", sample: "Sample | None", settings: Settings, known: "Known", pack: "PackRecord | None"
) -> "Sharing":
    """Return whether requests may gain by sharing runs; how the rest is found out is imported when somebody asks."""
    from poorwill.serving.batching.known import Sharing, unshared_words

    def choose() -> "Choice":
        from poorwill.registry.records import RowTimings
        from poorwill.serving.batching.choice import Choice
        from poorwill.serving.batching.plan import Bounds
        from poorwill.serving.protocol.infer_decode import InferDecoder

        def inputs() -> "Tensors | None":
            decode = InferDecoder(served.model.signature).decode
            return decode(sample.body, 0 if sample.raw else None).inputs if sample else None

        timings = RowTimings(_FUNCTION) if settings.function else pack.timings if pack else None
        return Choice(served.model, known, Bounds(*bounds), inputs, timings)

    bounds = settings.batch_rows, settings.batch_limit_ms
    return Sharing(choose, may_gain=not settings.function and not unshared_words(known, *bounds))


def _gate(settings: Settings, ledger: Ledger, log: Log) -> "Gate | None":
    """Return what authenticates callers; nothing of it is imported where nothing asks for it."""
    asked = settings.authentication, settings.api_keys, settings.api_keys_file, settings.jwks
    if not any((*asked, settings.jwt_issuer, settings.jwt_audience)):
        return None
    start_ns = monotonic_ns()
    from poorwill.serving.auth.gate import open_gate

    gate = open_gate(settings, log)
    ledger.add("authentication", start_ns)
    return gate


def _sampler(served: "Served", settings: Settings, log: Log) -> "Sampler | None":
    """Return what sends samples; nothing of it is imported where none are wanted."""
    if not settings.sample_ratio:
        return None
    from poorwill.serving.sampling.sampler import Sampler

    return Sampler(served, settings, log)


def warm_up(predictor: "Predictor", sample: "Sample | None", log: Log, *, known_ms: float = 0.0) -> "Known":
    """Send a request through decode, model and encode; return what that tells of the model.

    Args:
        predictor: of the version that is about to be served.
        sample: without one a request is made from the signature.
        log: told if a made-up request is refused, which a function of the user's own may do.
        known_ms: that a run took when a start pack was made; a heavy model's saves all warm-ups but the first.
    """
    from msgspec.json import encode

    from poorwill.serving.batching.known import Known
    from poorwill.serving.predictor import Passage, Sample
    from poorwill.serving.protocol.openapi import example

    body, raw = sample or Sample(encode(example(predictor.served)))
    took_ms: list[tuple[float, float]] = []  # decode and encode; the run
    for _ in range(1 if known_ms > HEAVY_MS else _WARM_UPS):
        passage = Passage("warm-up", perf_counter_ns())
        try:
            predictor.infer(body, 0 if raw else None, passage)
        except PoorwillError as error:
            log.line("WARNING", "warm-up refused", kind=error.kind, detail=str(error))
        took_ns, run_ns = perf_counter_ns() - passage.start_ns, max(0, passage.ran_ns - passage.decoded_ns)
        took_ms.append(((took_ns - run_ns) / 1e6, run_ns / 1e6))
        if took_ns / 1e6 > _ENOUGH_MS:
            break
    heavy = known_ms > HEAVY_MS or min(beside + run for beside, run in took_ms) > HEAVY_MS
    run_ms = known_ms or min(run for _, run in took_ms)
    return Known(heavy, min(beside for beside, _ in took_ms) + run_ms, run_ms)
