"""What Knative Eventing refuses in its kinds: knative/eventing 1.22, pkg/apis/{eventing,flows,sinks,sources}."""

import base64
import binascii
import copy
from collections.abc import Iterator
from typing import Any

import msgspec

from poorwill.errors import Fault
from poorwill.kinds import cron, job_defaults, job_rules, objects, refusals
from poorwill.kinds.destination_rules import delivery_faults, destination_faults, reference_faults
from poorwill.kinds.eventing import Broker, JobSink, PingSource, PingSourceSpec, Sequence, Trigger
from poorwill.kinds.filter_rules import attribute_faults, filters_faults
from poorwill.kinds.job import JobSpec
from poorwill.kinds.kind import Object
from poorwill.kinds.metadata import annotation_faults, label_faults
from poorwill.kinds.structure import read

BROKER_CLASS = "eventing.knative.dev/broker.class"
_DEPENDENCY = "knative.dev/dependency"
_INJECTION = "eventing.knative.dev/injection"
_LINE_ENDS = {ord("\r"): None, ord("\n"): None}  # Go skips them in base64


def eventing_faults(
    typed: Broker | Trigger | Sequence | JobSink | PingSource, obj: Object, old: Object | None
) -> Iterator[Fault]:
    """Yield what is wrong with an object of one of Eventing's kinds."""
    match typed:
        case Broker():
            yield from _broker_faults(typed, obj, old)
        case Trigger():
            yield from _trigger_faults(typed, obj, old)
        case Sequence():
            yield from _sequence_faults(typed)
        case JobSink():
            yield from _job_sink_faults(typed, obj)
        case PingSource():
            yield from _ping_source_faults(typed)


def _broker_faults(broker: Broker, obj: Object, old: Object | None) -> Iterator[Fault]:
    class_place = f"metadata.annotations.{BROKER_CLASS}"
    if not broker.metadata.annotations.get(BROKER_CLASS):
        yield refusals.missing(class_place)
    if broker.spec.config is not None:
        yield from reference_faults(broker.spec.config, "spec.config")
    yield from delivery_faults(broker.spec.delivery, "spec.delivery")
    if old is None:
        return
    if old["spec"].get("config") != obj["spec"].get("config"):
        yield Fault("spec.config", "the config it was created with", "another", "make another Broker")
    elif objects.annotations(old).get(BROKER_CLASS) != objects.annotations(obj).get(BROKER_CLASS):
        yield Fault(class_place, "the class it was created with", "another", "make another Broker")


def _trigger_faults(trigger: Trigger, obj: Object, old: Object | None) -> Iterator[Fault]:
    spec = trigger.spec
    if spec.broker_ref is None and not spec.broker:
        yield refusals.missing("spec.broker")
    elif spec.broker_ref is not None and spec.broker:
        yield refusals.several("spec.broker", "spec.brokerRef")
    if spec.broker_ref is not None and spec.broker_ref.namespace:
        yield refusals.forbidden("spec.brokerRef.namespace")
    if spec.filter is not None:
        yield from attribute_faults(spec.filter.attributes, "spec.filter.attributes")
    yield from filters_faults(spec.filters, "spec.filters")
    yield from destination_faults(spec.subscriber, "spec.subscriber")
    yield from delivery_faults(spec.delivery, "spec.delivery")
    yield from _dependency_faults(trigger)
    yield from _injection_faults(trigger)
    if old is not None and old["spec"].get("broker") != obj["spec"].get("broker"):
        yield Fault("spec.broker", "the Broker it was created with", "another", "make another Trigger")


def _dependency_faults(trigger: Trigger) -> Iterator[Fault]:
    text, where = trigger.metadata.annotations.get(_DEPENDENCY), f"metadata.annotations.{_DEPENDENCY}"
    if text is None:
        return
    try:
        reference = msgspec.json.decode(text, type=dict[str, Any] | None) or {}
    except msgspec.DecodeError:
        yield refusals.unreadable(where, "a reference to an object, in JSON")
        return
    if reference.get("namespace") not in {None, "", trigger.metadata.namespace}:
        yield Fault(f"{where}.namespace", "the Trigger's namespace or none", "another", "remove it")
    for name in ("kind", "name", "apiVersion"):
        if not reference.get(name):
            yield refusals.missing(f"{where}.{name}")


def _injection_faults(trigger: Trigger) -> Iterator[Fault]:
    text, where = trigger.metadata.annotations.get(_INJECTION), f"metadata.annotations.{_INJECTION}"
    if text is None:
        return
    if text not in {"enabled", "disabled"}:
        yield refusals.unreadable(where, "enabled or disabled")
    elif trigger.spec.broker != "default":
        yield Fault(where, "none but for the Broker named default", "one", "remove it")


def _sequence_faults(sequence: Sequence) -> Iterator[Fault]:
    spec = sequence.spec
    if not spec.steps:
        yield refusals.missing("spec.steps")
    for at, step in enumerate(spec.steps):
        yield from destination_faults(step, f"spec.steps[{at}]")
        yield from delivery_faults(step.delivery, f"spec.steps[{at}].delivery")
    template = spec.channel_template
    for name, text in (("kind", template and template.kind), ("apiVersion", template and template.api_version)):
        if not text:
            yield refusals.missing(f"spec.channelTemplate.{name}")
    if spec.reply is not None:
        yield from destination_faults(spec.reply, "spec.reply")


def _job_sink_faults(sink: JobSink, obj: Object) -> Iterator[Fault]:
    """Yield what the API server would refuse in a Job that a JobSink makes."""
    if sink.spec.job is None:
        yield refusals.missing("spec.job")
        return
    namespace = sink.spec.job.metadata.namespace
    if namespace and namespace != sink.metadata.namespace:
        yield Fault("spec.job.metadata.namespace", "the JobSink's namespace or none", "another", "remove it")
    yield from label_faults(sink.spec.job.metadata.labels, "spec.job.metadata.labels")
    yield from annotation_faults(sink.spec.job.metadata.annotations, "spec.job.metadata.annotations")
    defaulted = copy.deepcopy(obj["spec"]["job"]["spec"])
    job_defaults.default_spec(defaulted)
    spec = read(defaulted, JobSpec)
    yield from job_rules.spec_faults(spec, "spec.job.spec")
    yield from job_rules.selection_faults(spec, "", "spec.job.spec")


def _ping_source_faults(source: PingSource) -> Iterator[Fault]:
    spec = source.spec
    if "@every" in spec.schedule:
        yield Fault("spec.schedule", "times of a clock", "an interval", "write it so, such as */5 * * * *")
    else:
        try:
            cron.parse(spec.schedule, spec.timezone)
        except cron.ZoneError:
            yield refusals.unreadable("spec.timezone", "a time zone such as Europe/Berlin")
        except ValueError:
            yield refusals.unreadable("spec.schedule", "5 or 6 fields of crontab, such as */5 * * * *")
    yield from destination_faults(spec.sink, "spec.sink")
    yield from _payload_faults(spec)
    extensions = spec.ce_overrides.extensions if spec.ce_overrides is not None else {}
    if not all(name.isascii() and name.isalnum() for name in extensions):
        yield refusals.unreadable("spec.ceOverrides.extensions", "as keys names of letters and digits")


def _payload_faults(spec: PingSourceSpec) -> Iterator[Fault]:
    if spec.data and spec.data_base64:
        yield refusals.several("spec.data", "spec.dataBase64")
        return
    where = "spec.dataBase64" if spec.data_base64 else "spec.data"
    try:
        data = base64.b64decode(spec.data_base64.translate(_LINE_ENDS), validate=True) or spec.data.encode()
    except (binascii.Error, ValueError):
        yield refusals.unreadable(where, "base64")
        return
    if spec.content_type == "application/json" and (spec.data or spec.data_base64):
        try:
            msgspec.json.decode(data, type=dict[str, Any] | None)
        except msgspec.DecodeError:
            yield refusals.unreadable(where, "a JSON object, as contentType says")
