"""A look at a model's live data: each version that answered beside what it was made from; once for each event."""

from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from poorwill.errors import ConflictError, CorruptError, Fault, NotFoundError
from poorwill.pipeline.data import learn_file
from poorwill.pipeline.drift_report import DriftReport, Looked, drift_page
from poorwill.pipeline.keys import DRIFT
from poorwill.pipeline.live import Live, read_live
from poorwill.pipeline.live_drift import Subject, VersionDrift, version_drift
from poorwill.pipeline.profile import Profile, profile_beside, read_profile
from poorwill.pipeline.spec import Evaluate, Validate
from poorwill.pipeline.spec_file import Pipeline
from poorwill.registry.attestation import attested, blob_fetch
from poorwill.registry.keys import blob_key
from poorwill.registry.lookup import decode_record
from poorwill.registry.records import VersionName, VersionRecord, encode_record
from poorwill.registry.registry import Registry
from poorwill.store.port import ObjectStore
from poorwill.store.reader import Reader

_HEX_DIGITS = 16
_USUAL_PERCENT = 95.0


class Window(NamedTuple):
    """Which time is looked at, and who asks: the same asker gets the same answer."""

    until: datetime
    hours: float
    source: str
    id: str


class Told(NamedTuple):
    """What a look led to: its report, where that is, and the versions of whose drift nobody was told before."""

    report: DriftReport
    key: str
    news: tuple[VersionDrift, ...]


def look(store: ObjectStore, pipeline: Pipeline, window: Window) -> Told:
    """Return what live data says, looked at once; the page lies beside the report, as .html.

    A version's drift is news once: what it starts, a run say, is on its way already when the next look finds it again.
    """
    digest = sha256(f"{window.source}\0{window.id}".encode()).hexdigest()[:_HEX_DIGITS]
    key = f"{DRIFT}{pipeline.spec.pipeline}/{window.until:%Y-%m-%dT%H%M%SZ}-{digest}"
    report = _found(store, key) or _made(store, pipeline, window, key)
    news = tuple(
        drift for drift in report.versions if drift.verdict == "fail" and _is_news(store, pipeline, drift.version, key)
    )
    return Told(report, key, news)


def drift_report(store: ObjectStore, pipeline: Pipeline, window: Window) -> tuple[DriftReport, bytes]:
    """Return what live data says in a window, and its page; nothing is written."""
    spec = pipeline.spec
    live = read_live(store, spec.model, window.until, window.hours)
    looked: list[Looked] = []
    drifts = [_version(store, pipeline, version, live, looked) for version in sorted(live.samples)]
    evaluate = next((step for step in spec.steps if isinstance(step, Evaluate)), None)
    report = DriftReport(
        pipeline=spec.pipeline,
        model=spec.model,
        until=f"{window.until:%Y-%m-%dT%H:%M:%SZ}",
        hours=window.hours,
        confidence_percent=evaluate.confidence_percent if evaluate else _USUAL_PERCENT,
        versions=tuple(drifts),
    )
    return report, drift_page(report, looked)


def _made(store: ObjectStore, pipeline: Pipeline, window: Window, key: str) -> DriftReport:
    report, shown = drift_report(store, pipeline, window)
    store.put(f"{key}.html", shown)
    with suppress(ConflictError):  # another delivery of the same event was quicker; what it found counts
        store.put_if_absent(f"{key}.json", encode_record(report))
    return _found(store, key) or report


def _found(store: ObjectStore, key: str) -> DriftReport | None:
    try:
        return decode_record(store.get(f"{key}.json").data, DriftReport)
    except NotFoundError:
        return None


def _is_news(store: ObjectStore, pipeline: Pipeline, version: int, key: str) -> bool:
    """Return whether this look is the first that finds the version drifted, also when it is asked again."""
    marker = f"{DRIFT}{pipeline.spec.pipeline}/told/v{version}"
    with suppress(ConflictError):
        store.put_if_absent(marker, key.encode())
    return store.get(marker).data == key.encode()


def _version(store: ObjectStore, pipeline: Pipeline, version: int, live: Live, looked: list[Looked]) -> VersionDrift:
    samples = live.samples[version]
    rows = sum(len(sample.predictions) for sample in samples)
    try:
        record = Registry(store).resolve(VersionName(pipeline.spec.model, version, None))
        profile = _reference(store, pipeline, record)
    except (NotFoundError, CorruptError) as error:
        note = f"{error.faults[0].where}: {error.faults[0].found}" if error.faults else error.title
        return VersionDrift(version=version, rows=rows, truths=0, verdict="inconclusive", note=note)
    if profile is None:
        note = "no reference: its pipeline has no step validate, and the spec names none"
        return VersionDrift(version=version, rows=rows, truths=0, verdict="inconclusive", note=note)
    of_these = [sample for sample in samples if sample.digest == record.blob.digest]
    drift, seen = version_drift(pipeline.spec, Subject(version, record.signature, profile, of_these, live.truths))
    looked.append((drift, profile, seen))
    return drift


def _reference(store: ObjectStore, pipeline: Pipeline, record: VersionRecord) -> Profile | None:
    """Return what the data looked like that a version was made from; else the reference that the spec names."""
    validate = next((step for step in pipeline.spec.steps if isinstance(step, Validate)), None)
    stated = attested(record, blob_fetch(Reader(store.stream).fetch))
    if validate and stated:
        part = next((part for part in stated.byproducts if part.name == f"{validate.gives}.profile"), None)
        if part:
            content = store.get(blob_key(part.digest)).data
            if f"sha256:{sha256(content).hexdigest()}" != part.digest:
                raise CorruptError(Fault(part.name, part.digest, "other bytes", "run `poorwill verify`"))
            return read_profile(content, part.name)
    if validate and validate.profile:
        return profile_beside(pipeline.folder, validate.profile)
    return learn_file(pipeline.spec, pipeline.folder / validate.reference) if validate and validate.reference else None
