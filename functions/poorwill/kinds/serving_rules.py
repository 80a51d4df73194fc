"""What Knative refuses in its four kinds: pkg/apis/serving/v1/*_validation.go of 1.23.0."""

from collections.abc import Iterator, Mapping

from poorwill.errors import Fault
from poorwill.kinds import objects, refusals, revision_rules, scaling_rules
from poorwill.kinds.kind import Object
from poorwill.kinds.metadata import (
    CONFIGURATION_LABEL,
    CREATOR,
    LAST_MODIFIER,
    SERVICE_LABEL,
    Metadata,
    is_dns_1035_label,
    owned_by,
)
from poorwill.kinds.serving import Configuration, Revision, Route, Service
from poorwill.kinds.traffic_rules import traffic_faults

_LABEL = "a label of at most 63 small letters, digits and -, from a letter to a letter or digit"


def service_faults(service: Service, obj: Object, old: Object | None) -> Iterator[Fault]:
    """Yield what is wrong with a Service."""
    yield from _metadata_faults(service.metadata)
    yield from _rollout_faults(service.metadata)
    yield from revision_rules.template_faults(service.spec.template, service.metadata, "spec.template")
    yield from traffic_faults(service.spec.traffic, "spec.traffic", owned=True)
    if old is not None:
        yield from _signature_faults(obj, old)
        yield from _template_change_faults(obj, old)


def configuration_faults(configuration: Configuration, obj: Object, old: Object | None) -> Iterator[Fault]:
    """Yield what is wrong with a Configuration."""
    yield from _metadata_faults(configuration.metadata)
    yield from _owner_faults(configuration.metadata, SERVICE_LABEL, "Service")
    yield from revision_rules.template_faults(configuration.spec.template, configuration.metadata, "spec.template")
    if old is not None:
        if not configuration.metadata.owner_references:
            yield from _signature_faults(obj, old)
        yield from _template_change_faults(obj, old)


def revision_faults(revision: Revision, obj: Object, old: Object | None) -> Iterator[Fault]:
    """Yield what is wrong with a Revision; its spec never changes."""
    if old is not None and old.get("spec") != obj.get("spec"):
        yield Fault("spec", "the spec as it was created", "another", "make another revision")
        return
    yield from _name_faults(revision.metadata)
    yield from revision_rules.annotation_faults(revision.metadata.annotations, "metadata.annotations")
    yield from _owner_faults(revision.metadata, CONFIGURATION_LABEL, "Configuration")
    if old is None:
        yield from revision_rules.spec_faults(revision.spec, "spec")


def route_faults(route: Route, obj: Object, old: Object | None) -> Iterator[Fault]:
    """Yield what is wrong with a Route."""
    yield from _metadata_faults(route.metadata)
    yield from _rollout_faults(route.metadata)
    yield from _owner_faults(route.metadata, SERVICE_LABEL, "Service")
    yield from traffic_faults(route.spec.traffic, "spec.traffic", owned=False)
    if old is not None and not route.metadata.owner_references:
        yield from _signature_faults(obj, old)


def _metadata_faults(metadata: Metadata) -> Iterator[Fault]:
    yield from _name_faults(metadata)
    yield from scaling_rules.misplaced(metadata.annotations, "metadata.annotations")


def _name_faults(metadata: Metadata) -> Iterator[Fault]:
    prefix, name = metadata.generate_name, metadata.name
    if prefix and not is_dns_1035_label(f"{prefix[:-1]}a" if prefix.endswith("-") else prefix):
        yield refusals.unreadable("metadata.generateName", "the beginning of a label of small letters, digits and -")
    elif name and not is_dns_1035_label(name):
        yield refusals.unreadable("metadata.name", _LABEL)


def _rollout_faults(metadata: Metadata) -> Iterator[Fault]:
    keys = revision_rules.ROLLOUT_DURATIONS
    yield from revision_rules.duration_faults(metadata.annotations, keys, "metadata.annotations")


def _owner_faults(metadata: Metadata, label: str, kind: str) -> Iterator[Fault]:
    owner = metadata.labels.get(label)
    if owner is not None and not owned_by(metadata, kind, owner):
        wanted = f"an owner reference to the {kind} that the label names"
        yield Fault(f"metadata.labels.{label}", wanted, "none", "remove the label")


def _signature_faults(obj: Object, old: Object) -> Iterator[Fault]:
    before, after = objects.annotations(old), objects.annotations(obj)
    if before.get(CREATOR) != after.get(CREATOR):
        yield Fault(f"metadata.annotations.{CREATOR}", "the value it was created with", "another", "leave it alone")
    if old.get("spec") == obj.get("spec") and before.get(LAST_MODIFIER) != after.get(LAST_MODIFIER):
        wanted = "the value it has, where the spec is the same"
        yield Fault(f"metadata.annotations.{LAST_MODIFIER}", wanted, "another", "leave it alone")


def _template_change_faults(obj: Object, old: Object) -> Iterator[Fault]:
    after, before = _template(obj), _template(old)
    name = (after.get("metadata") or {}).get("name")
    if name and name == (before.get("metadata") or {}).get("name") and after != before:
        wanted = "another name where the template changes"
        yield Fault("spec.template.metadata.name", wanted, "the same", "choose a new one or remove it")


def _template(obj: Object) -> Mapping[str, Object]:
    template: Mapping[str, Object] = (obj.get("spec") or {}).get("template") or {}
    return template
