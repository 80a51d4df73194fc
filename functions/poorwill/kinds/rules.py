"""Every rule of every kind, beyond its structure: what Knative's webhooks and the API server refuse."""

from collections.abc import Iterator

from poorwill.errors import Fault
from poorwill.kinds import core_rules, eventing_rules, job_rules, metadata, pod_rules, refusals, serving_rules
from poorwill.kinds.core import KubernetesObject
from poorwill.kinds.eventing import Broker, JobSink, PingSource, Sequence, Trigger
from poorwill.kinds.job import Job
from poorwill.kinds.kind import NAMESPACE, ROLE, ROLE_BINDING, Object, kind_of
from poorwill.kinds.serving import Configuration, Revision, Route, Service
from poorwill.kinds.structure import read
from poorwill.kinds.structures import structure_of


def faults(obj: Object, old: Object | None, *, dry_run: bool) -> Iterator[Fault]:
    """Yield what is wrong with a defaulted object whose structure is right."""
    typed = read(obj, structure_of(obj))
    yield from _metadata_faults(obj, typed.metadata)
    match typed:
        case Service():
            yield from serving_rules.service_faults(typed, obj, old)
        case Configuration():
            yield from serving_rules.configuration_faults(typed, obj, old)
        case Revision():
            yield from serving_rules.revision_faults(typed, obj, old)
        case Route():
            yield from serving_rules.route_faults(typed, obj, old)
        case Broker() | Trigger() | Sequence() | JobSink() | PingSource():
            yield from eventing_rules.eventing_faults(typed, obj, old)
        case Job():
            yield from job_rules.job_faults(typed, obj, old)
        case _:
            yield from core_rules.core_faults(typed, old)
    if dry_run:
        yield from _pod_faults(typed)


def _pod_faults(typed: KubernetesObject) -> Iterator[Fault]:
    if isinstance(typed, Service | Configuration) and typed.spec.template.spec is not None:
        yield from pod_rules.pod_faults(typed.spec.template.spec, "spec.template.spec")


def _metadata_faults(obj: Object, typed: metadata.Metadata) -> Iterator[Fault]:
    kind, name = kind_of(obj), typed.name
    if not name and not typed.generate_name:
        yield refusals.missing("metadata.name")
    elif kind == NAMESPACE:
        if name and not metadata.is_dns_1123_label(name):
            yield refusals.unreadable("metadata.name", "a label of at most 63 small letters, digits and -")
    elif kind in {ROLE, ROLE_BINDING}:
        # the only kinds whose names are no host's
        if name in {".", ".."} or "/" in name or "%" in name:
            yield refusals.unreadable("metadata.name", "a name without / and %")
    elif name and not metadata.is_dns_1123_subdomain(name):
        yield refusals.unreadable("metadata.name", "a name of at most 253 small letters, digits, - and .")
    if not all(map(metadata.is_qualified_name, typed.finalizers)):
        yield refusals.unreadable("metadata.finalizers", "names of letters, digits, - _ . behind a host and slash")
    yield from metadata.label_faults(typed.labels, "metadata.labels")
    yield from metadata.annotation_faults(typed.annotations, "metadata.annotations")
