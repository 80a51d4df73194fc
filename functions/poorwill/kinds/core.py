"""The structures of the kinds that Kubernetes itself has, as far as Poorwill uses them."""

from typing import Any

from msgspec import field

from poorwill.kinds.metadata import Metadata
from poorwill.kinds.structure import Part


class KubernetesObject(Part, frozen=True, kw_only=True):
    """What every object begins with."""

    api_version: str
    kind: str
    metadata: Metadata = field(default_factory=Metadata)


class NamespaceSpec(Part, frozen=True):
    """What finishes a namespace's deletion."""

    finalizers: list[str] | None = None


class Namespace(KubernetesObject, frozen=True):
    """A namespace."""

    spec: NamespaceSpec | None = None
    status: dict[str, Any] | None = None


class ConfigMap(KubernetesObject, frozen=True):
    """Values that are no secret."""

    data: dict[str, str] | None = None
    binary_data: dict[str, str] | None = None
    immutable: bool | None = None


class Secret(KubernetesObject, frozen=True):
    """Values that are; in base64."""

    type: str = "Opaque"
    data: dict[str, str] | None = None
    string_data: dict[str, str] | None = None
    immutable: bool | None = None


class ObjectReference(Part, frozen=True):
    """Which object, in words."""

    api_version: str = ""
    field_path: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    resource_version: str = ""
    uid: str = ""


class LocalReference(Part, frozen=True):
    """Which object of the same namespace."""

    name: str = ""


class ServiceAccount(KubernetesObject, frozen=True):
    """Who a pod is."""

    automount_service_account_token: bool | None = None
    image_pull_secrets: list[LocalReference] | None = None
    secrets: list[ObjectReference] | None = None


class PolicyRule(Part, frozen=True):
    """What a role allows."""

    verbs: list[str]
    api_groups: list[str] | None = None
    resources: list[str] | None = None
    resource_names: list[str] | None = None
    non_resource_urls: list[str] | None = field(default=None, name="nonResourceURLs")


class Role(KubernetesObject, frozen=True):
    """What may be done in a namespace."""

    rules: list[PolicyRule] | None = None


class RoleReference(Part, frozen=True):
    """Which role is bound."""

    kind: str
    name: str
    api_group: str = ""


class Subject(Part, frozen=True):
    """Whom a role is bound to."""

    kind: str
    name: str
    api_group: str = ""
    namespace: str = ""


class RoleBinding(KubernetesObject, frozen=True):
    """Who may do it."""

    role_ref: RoleReference
    subjects: list[Subject] | None = None


class LabelRequirement(Part, frozen=True):
    """One condition on labels."""

    key: str
    operator: str
    values: list[str] | None = None


class LabelSelector(Part, frozen=True):
    """Which objects, by their labels."""

    match_labels: dict[str, str] | None = None
    match_expressions: list[LabelRequirement] | None = None


class IpBlock(Part, frozen=True):
    """Which addresses."""

    cidr: str
    except_: list[str] | None = field(default=None, name="except")


class NetworkPolicyPeer(Part, frozen=True):
    """Who may be at the other end."""

    ip_block: IpBlock | None = None
    namespace_selector: LabelSelector | None = None
    pod_selector: LabelSelector | None = None


class NetworkPolicyPort(Part, frozen=True):
    """Which ports."""

    port: int | str | None = None
    end_port: int | None = None
    protocol: str | None = None


class IngressRule(Part, frozen=True):
    """What may come in."""

    from_: list[NetworkPolicyPeer] | None = field(default=None, name="from")
    ports: list[NetworkPolicyPort] | None = None


class EgressRule(Part, frozen=True):
    """What may go out."""

    to: list[NetworkPolicyPeer] | None = None
    ports: list[NetworkPolicyPort] | None = None


class NetworkPolicySpec(Part, frozen=True):
    """Which pods are closed, and what is open for them."""

    pod_selector: LabelSelector = field(default_factory=LabelSelector)
    ingress: list[IngressRule] | None = None
    egress: list[EgressRule] | None = None
    policy_types: list[str] | None = None


class NetworkPolicy(KubernetesObject, frozen=True):
    """Who may reach pods, and whom they may reach."""

    spec: NetworkPolicySpec | None = None


class Pod(KubernetesObject, frozen=True):
    """One running function; made by the server, so only its outline is known here."""

    spec: dict[str, Any] | None = None
    status: dict[str, Any] | None = None


class Event(KubernetesObject, frozen=True):
    """What happened to an object; made by the server."""

    involved_object: ObjectReference = field(default_factory=ObjectReference)
    reason: str = ""
    message: str = ""
    type: str = ""
    source: dict[str, Any] | None = None
    first_timestamp: str | None = None
    last_timestamp: str | None = None
    event_time: str | None = None
    count: int | None = None
    action: str = ""
    related: ObjectReference | None = None
    reporting_component: str = ""
    reporting_instance: str = ""
    series: dict[str, Any] | None = None
