"""The function that looks at live data by the clock; its reply says what has drifted, and can begin a run."""

from collections.abc import Callable
from datetime import timedelta

import msgspec

from poorwill.events.event import Event, EventType
from poorwill.events.reply import reply_to
from poorwill.pipeline.drift_look import Told, Window, look
from poorwill.pipeline.drift_report import DriftReport
from poorwill.pipeline.event_data import event_data, invalid_event
from poorwill.pipeline.function.endpoint import Handle
from poorwill.pipeline.live import forget_live, moment_of
from poorwill.pipeline.live_drift import VersionDrift
from poorwill.pipeline.spec_file import Pipeline
from poorwill.pipeline.step import Progress
from poorwill.store.port import ObjectStore

PING = "dev.knative.sources.ping"
"""What a PingSource sends: to ingest, that the object in its data has arrived; to drift, that it is time to look."""

_LONGEST_HOURS = 24 * 366.0
_MOST_COLUMNS, _MOST_NAMED = 20, 5


class Asked(msgspec.Struct, frozen=True):
    """The data of the event that asks for a look."""

    pipeline: str = ""  # that of the function
    hours: float = 24.0
    object: str = ""  # that a run is to begin with where something has drifted


def open_drift(store: Callable[[], ObjectStore], pipeline: Pipeline, live_days: float) -> Handle:
    """Return what answers an event that asks for a look.

    Args:
        store: opens it.
        pipeline: whose model's versions are looked at.
        live_days: how long samples and feedback are kept; 0 keeps them.
    """

    def handle(event: Event, progress: Progress) -> Event | None:
        asked, until = _asked(event, pipeline), moment_of(event)
        told = look(store(), pipeline, Window(until, asked.hours, event.source, event.id))
        for drift in told.report.versions:
            progress(drift_line(told.report, drift))
        if live_days and (gone := forget_live(store(), pipeline.spec.model, until - timedelta(days=live_days))):
            progress(f"{gone} events' samples and feedback deleted: older than {live_days:g} days")
        return _reply(event, asked, told) if told.news else None

    return handle


def drift_line(report: DriftReport, drift: VersionDrift) -> str:
    """Return what was found of one version, in a line."""
    off = [*drift.metrics, *drift.columns]
    more = f" and {len(off) - _MOST_NAMED} more" if len(off) > _MOST_NAMED else ""
    told = f"{report.model}@{drift.version}: {drift.verdict} on {drift.rows:,} predictions"
    return f"{told}; {', '.join(off[:_MOST_NAMED])}{more}" if off else f"{told}; {drift.note}" if drift.note else told


def _asked(event: Event, pipeline: Pipeline) -> Asked:
    asked = event_data(event, Asked)
    if event.type != PING:
        raise invalid_event("type", PING, "another")
    if asked.pipeline not in {"", pipeline.spec.pipeline}:
        raise invalid_event("pipeline", f"the pipeline of this function, {pipeline.spec.pipeline}", "another")
    if not 0 < asked.hours <= _LONGEST_HOURS:
        raise invalid_event("hours", f"more than 0, at most {_LONGEST_HOURS:g}", "another number")
    return asked


def _reply(event: Event, asked: Asked, told: Told) -> Event:
    report = told.report
    versions = [
        {"version": drift.version, "columns": drift.columns[:_MOST_COLUMNS], "metrics": drift.metrics}
        for drift in told.news
    ]
    data = {"pipeline": report.pipeline, "model": report.model, "versions": versions, "report": f"{told.key}.html"}
    reply = reply_to(
        event,
        type=EventType.DATA_DRIFTED,
        source=f"/pipelines/{report.pipeline}/drift",
        data=msgspec.json.encode(data | ({"object": asked.object} if asked.object else {})),
        subject=report.model,
        time=report.until,
    )
    return msgspec.structs.replace(reply, extensions=reply.extensions | {"pipeline": report.pipeline})
