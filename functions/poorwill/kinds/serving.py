"""The structures of serving.knative.dev/v1: Service, Configuration, Revision and Route."""

from msgspec import field

from poorwill.kinds.core import KubernetesObject
from poorwill.kinds.metadata import Metadata
from poorwill.kinds.pod_spec import PodSpec
from poorwill.kinds.structure import Part


class TrafficTarget(Part, frozen=True):
    """One target of a Route: a revision, or a configuration's latest ready one."""

    configuration_name: str = ""
    latest_revision: bool | None = None
    percent: int | None = None
    revision_name: str = ""
    tag: str = ""
    url: str | None = None


class RevisionSpec(PodSpec, frozen=True):
    """A pod, and how requests are given to it."""

    container_concurrency: int | None = None
    timeout_seconds: int | None = None
    response_start_timeout_seconds: int | None = None
    idle_timeout_seconds: int | None = None


class TemplateMetadata(Metadata, frozen=True, forbid_unknown_fields=False):
    """Metadata that the CRD leaves open; what Go's type does not have vanishes without a word."""


class RevisionTemplate(Part, frozen=True):
    """What a Configuration makes revisions from."""

    metadata: TemplateMetadata = field(default_factory=TemplateMetadata)
    spec: RevisionSpec | None = None


class ConfigurationSpec(Part, frozen=True):
    """What the next revision looks like."""

    template: RevisionTemplate = field(default_factory=RevisionTemplate)


class RouteSpec(Part, frozen=True):
    """Where requests go."""

    traffic: list[TrafficTarget] = field(default_factory=list)


class ServiceSpec(Part, frozen=True):
    """A Configuration and a Route that belong together."""

    template: RevisionTemplate = field(default_factory=RevisionTemplate)
    traffic: list[TrafficTarget] = field(default_factory=list)


class ConditionStatus(Part, frozen=True):
    """One condition."""

    type: str
    status: str
    severity: str = ""
    last_transition_time: str | None = None
    reason: str = ""
    message: str = ""


class Addressable(Part, frozen=True):
    """Where something can be called."""

    name: str | None = None
    url: str | None = None
    ca_certs: str | None = field(default=None, name="CACerts")
    audience: str | None = None


class Status(Part, frozen=True):
    """What every status of Knative has."""

    observed_generation: int = 0
    conditions: list[ConditionStatus] = field(default_factory=list)
    annotations: dict[str, str] = field(default_factory=dict)


class RouteStatus(Status, frozen=True):
    """Where requests go now."""

    url: str | None = None
    address: Addressable | None = None
    traffic: list[TrafficTarget] = field(default_factory=list)


class ConfigurationStatus(Status, frozen=True):
    """Which revisions there are."""

    latest_created_revision_name: str = ""
    latest_ready_revision_name: str = ""


class ServiceStatus(RouteStatus, frozen=True):
    """Both."""

    latest_created_revision_name: str = ""
    latest_ready_revision_name: str = ""


class ContainerStatus(Part, frozen=True):
    """Which image runs, by digest."""

    name: str = ""
    image_digest: str = ""


class RevisionStatus(Status, frozen=True):
    """What of a revision runs."""

    log_url: str = ""
    container_statuses: list[ContainerStatus] = field(default_factory=list)
    init_container_statuses: list[ContainerStatus] = field(default_factory=list)
    actual_replicas: int | None = None
    desired_replicas: int | None = None


class Service(KubernetesObject, frozen=True):
    """A version service, or any other Service of Knative."""

    spec: ServiceSpec = field(default_factory=ServiceSpec)
    status: ServiceStatus | None = None


class Configuration(KubernetesObject, frozen=True):
    """Revisions of one thing."""

    spec: ConfigurationSpec = field(default_factory=ConfigurationSpec)
    status: ConfigurationStatus | None = None


class Revision(KubernetesObject, frozen=True):
    """One revision."""

    spec: RevisionSpec
    status: RevisionStatus | None = None


class Route(KubernetesObject, frozen=True):
    """A split."""

    spec: RouteSpec = field(default_factory=RouteSpec)
    status: RouteStatus | None = None
