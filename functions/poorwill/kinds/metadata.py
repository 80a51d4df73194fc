"""The structure of every object's metadata, and the rules for names, labels and annotations."""

import re
from collections.abc import Iterator, Mapping

from msgspec import field

from poorwill.errors import Fault
from poorwill.kinds import refusals
from poorwill.kinds.structure import Open, Part

LONGEST_LABEL_VALUE = 63
ANNOTATIONS_LIMIT_BYTES = 256 * 1024
SERVICE_LABEL = "serving.knative.dev/service"
CONFIGURATION_LABEL = "serving.knative.dev/configuration"
CREATOR = "serving.knative.dev/creator"
LAST_MODIFIER = "serving.knative.dev/lastModifier"

_DNS_1035_LABEL = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)
_DNS_1123_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)
_DNS_1123_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", re.ASCII)
_QUALIFIED = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?", re.ASCII)
_LONGEST_SUBDOMAIN = 253


class OwnerReference(Part, frozen=True):
    """Who an object belongs to."""

    api_version: str
    kind: str
    name: str
    uid: str
    controller: bool | None = None
    block_owner_deletion: bool | None = None


class ManagedFields(Part, frozen=True):
    """What one manager last set."""

    manager: str = ""
    operation: str = ""
    api_version: str = ""
    time: str | None = None
    fields_type: str = ""
    fields_v1: Open | None = field(default=None, name="fieldsV1")
    subresource: str = ""


class Metadata(Part, frozen=True):
    """An object's metadata; null counts as not set."""

    name: str = ""
    generate_name: str = ""
    namespace: str = ""
    self_link: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    deletion_grace_period_seconds: int | None = None
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    owner_references: list[OwnerReference] = field(default_factory=list)
    finalizers: list[str] = field(default_factory=list)
    managed_fields: list[ManagedFields] = field(default_factory=list)


def is_dns_1035_label(text: str) -> bool:
    """Return whether a text is a label that begins with a letter, as names of Services have to."""
    return _DNS_1035_LABEL.fullmatch(text) is not None


def is_dns_1123_label(text: str) -> bool:
    """Return whether a text is one part of a host's name."""
    return _DNS_1123_LABEL.fullmatch(text) is not None


def is_dns_1123_subdomain(text: str) -> bool:
    """Return whether a text is a host's name."""
    return len(text) <= _LONGEST_SUBDOMAIN and _DNS_1123_SUBDOMAIN.fullmatch(text) is not None


def is_qualified_name(text: str) -> bool:
    """Return whether a text is a name, or a host's name, a slash and a name."""
    host, slash, name = text.rpartition("/")
    return _QUALIFIED.fullmatch(name) is not None and (not slash or is_dns_1123_subdomain(host))


def is_label_value(text: str) -> bool:
    """Return whether a text can be a label's value."""
    return not text or _QUALIFIED.fullmatch(text) is not None


def label_faults(labels: Mapping[str, str], where: str) -> Iterator[Fault]:
    """Yield what is wrong with labels."""
    if not all(map(is_qualified_name, labels)):
        yield refusals.unreadable(where, "keys of at most 63 letters, digits, - _ . behind an optional host and slash")
    if not all(map(is_label_value, labels.values())):
        yield refusals.unreadable(where, "values of at most 63 letters, digits, - _ . that begin and end with one")


def annotation_faults(annotations: Mapping[str, str], where: str) -> Iterator[Fault]:
    """Yield what is wrong with annotations, whatever they mean."""
    if not all(is_qualified_name(key.lower()) for key in annotations):
        yield refusals.unreadable(where, "keys of at most 63 letters, digits, - _ . behind an optional host and slash")
    if sum(len(key.encode()) + len(text.encode()) for key, text in annotations.items()) > ANNOTATIONS_LIMIT_BYTES:
        yield Fault(where, f"at most {ANNOTATIONS_LIMIT_BYTES} bytes in all", "more", "keep them elsewhere")


def owned_by(metadata: Metadata, kind: str, name: str) -> bool:
    """Return whether an object says that it belongs to the one of that kind and name."""
    return any((owner.kind, owner.name) == (kind, name) for owner in metadata.owner_references)
