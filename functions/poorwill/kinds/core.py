"""The structures of the kinds that Kubernetes itself has, as far as Poorwill uses them."""

from msgspec import field

from poorwill.kinds.metadata import Metadata
from poorwill.kinds.structure import IntOrString, Open, Part


class KubernetesObject(Part, frozen=True, kw_only=True):
    """What every object begins with."""

    api_version: str
    kind: str
    metadata: Metadata = field(default_factory=Metadata)


class NamespaceSpec(Part, frozen=True):
    """What finishes a namespace's deletion."""

    finalizers: list[str] = field(default_factory=list)


class Namespace(KubernetesObject, frozen=True):
    """A namespace."""

    spec: NamespaceSpec | None = None
    status: Open | None = None


class ConfigMap(KubernetesObject, frozen=True):
    """Values that are no secret."""

    data: dict[str, str] = field(default_factory=dict)
    binary_data: dict[str, str] = field(default_factory=dict)
    immutable: bool | None = None


class Secret(KubernetesObject, frozen=True):
    """Values that are; in base64."""

    type: str = "Opaque"
    data: dict[str, str] = field(default_factory=dict)
    string_data: dict[str, str] = field(default_factory=dict)
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
    image_pull_secrets: list[LocalReference] = field(default_factory=list)
    secrets: list[ObjectReference] = field(default_factory=list)


class PolicyRule(Part, frozen=True):
    """What a role allows."""

    verbs: list[str]
    api_groups: list[str] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)
    resource_names: list[str] = field(default_factory=list)
    non_resource_urls: list[str] = field(default_factory=list, name="nonResourceURLs")


class Role(KubernetesObject, frozen=True):
    """What may be done in a namespace."""

    rules: list[PolicyRule] | None = field(default_factory=lambda: None)


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
    subjects: list[Subject] = field(default_factory=list)


class LabelRequirement(Part, frozen=True):
    """One condition on labels."""

    key: str
    operator: str
    values: list[str] = field(default_factory=list)


class LabelSelector(Part, frozen=True):
    """Which objects, by their labels."""

    match_labels: dict[str, str] = field(default_factory=dict)
    match_expressions: list[LabelRequirement] = field(default_factory=list)


class IpBlock(Part, frozen=True):
    """Which addresses."""

    cidr: str
    except_: list[str] = field(default_factory=list, name="except")


class NetworkPolicyPeer(Part, frozen=True):
    """Who may be at the other end."""

    ip_block: IpBlock | None = None
    namespace_selector: LabelSelector | None = None
    pod_selector: LabelSelector | None = None


class NetworkPolicyPort(Part, frozen=True):
    """Which ports."""

    port: IntOrString | None = None
    end_port: int | None = None
    protocol: str | None = None


class IngressRule(Part, frozen=True):
    """What may come in."""

    from_: list[NetworkPolicyPeer] = field(default_factory=list, name="from")
    ports: list[NetworkPolicyPort] = field(default_factory=list)


class EgressRule(Part, frozen=True):
    """What may go out."""

    to: list[NetworkPolicyPeer] = field(default_factory=list)
    ports: list[NetworkPolicyPort] = field(default_factory=list)


class NetworkPolicySpec(Part, frozen=True):
    """Which pods are closed, and what is open for them."""

    pod_selector: LabelSelector = field(default_factory=LabelSelector)
    ingress: list[IngressRule] = field(default_factory=list)
    egress: list[EgressRule] = field(default_factory=list)
    policy_types: list[str] = field(default_factory=list)


class NetworkPolicy(KubernetesObject, frozen=True):
    """Who may reach pods, and whom they may reach."""

    spec: NetworkPolicySpec | None = None


class Pod(KubernetesObject, frozen=True):
    """One running function; made by the server, so only its outline is known here."""

    spec: Open | None = None
    status: Open | None = None


class Event(KubernetesObject, frozen=True):
    """What happened to an object; made by the server."""

    involved_object: ObjectReference = field(default_factory=ObjectReference)
    reason: str = ""
    message: str = ""
    type: str = ""
    source: Open | None = None
    first_timestamp: str | None = None
    last_timestamp: str | None = None
    event_time: str | None = None
    count: int | None = None
    action: str = ""
    related: ObjectReference | None = None
    reporting_component: str = ""
    reporting_instance: str = ""
    series: Open | None = None
