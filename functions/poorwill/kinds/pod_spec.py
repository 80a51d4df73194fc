"""The structure of a revision's pod, as in the CRDs of Knative Serving 1.23.0; fields behind a feature are open."""

from collections.abc import Sequence

from msgspec import field

from poorwill.kinds.structure import IntOrString, Open, Part, Quantity
from poorwill.kinds.volume import Volume


class KeyReference(Part, frozen=True):
    """One key of a ConfigMap or a Secret."""

    key: str
    name: str = field(default_factory=str)
    optional: bool | None = None


class EnvVarSource(Part, frozen=True):
    """Where a variable's value comes from."""

    config_map_key_ref: KeyReference | None = None
    secret_key_ref: KeyReference | None = None
    field_ref: Open | None = None
    resource_field_ref: Open | None = None


class EnvVar(Part, frozen=True):
    """One variable."""

    name: str
    value: str = ""
    value_from: EnvVarSource | None = None


class MapReference(Part, frozen=True):
    """All keys of a ConfigMap or a Secret."""

    name: str = field(default_factory=str)
    optional: bool | None = None


class EnvFromSource(Part, frozen=True):
    """Many variables at once."""

    prefix: str = ""
    config_map_ref: MapReference | None = None
    secret_ref: MapReference | None = None


class ExecAction(Part, frozen=True):
    """A command inside the container."""

    command: list[str] = field(default_factory=list)


class GrpcAction(Part, frozen=True):
    """A health check over gRPC."""

    port: int = field(default_factory=int)
    service: str | None = None


class HttpHeader(Part, frozen=True):
    """One header of a probe's request."""

    name: str
    value: str


def _port() -> IntOrString:
    return 0


class HttpGetAction(Part, frozen=True):
    """A request that has to be answered well."""

    host: str = ""
    http_headers: list[HttpHeader] = field(default_factory=list)
    path: str = ""
    port: IntOrString = field(default_factory=_port)
    scheme: str = ""


class TcpSocketAction(Part, frozen=True):
    """A connection that has to be taken."""

    host: str = ""
    port: IntOrString = field(default_factory=_port)


class Probe(Part, frozen=True):
    """How a container is asked how it is."""

    exec_: ExecAction | None = field(default=None, name="exec")
    grpc: GrpcAction | None = None
    http_get: HttpGetAction | None = None
    tcp_socket: TcpSocketAction | None = None
    initial_delay_seconds: int = 0
    timeout_seconds: int = 0
    period_seconds: int = 0
    success_threshold: int = 0
    failure_threshold: int = 0


class ContainerPort(Part, frozen=True):
    """The port that a container listens at."""

    container_port: int = field(default_factory=int)
    name: str = ""
    protocol: str = ""


class Resources(Part, frozen=True):
    """What a container gets, and what it may take."""

    limits: dict[str, Quantity] = field(default_factory=dict)
    requests: dict[str, Quantity] = field(default_factory=dict)


class Capabilities(Part, frozen=True):
    """Rights of root, one by one."""

    add: list[str] = field(default_factory=list)
    drop: list[str] = field(default_factory=list)


class SeccompProfile(Part, frozen=True):
    """Which system calls are allowed."""

    type: str
    localhost_profile: str | None = None


class SecurityContext(Part, frozen=True):
    """What a container's processes may do."""

    allow_privilege_escalation: bool | None = None
    capabilities: Capabilities | None = None
    privileged: bool | None = None
    read_only_root_filesystem: bool | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    run_as_user: int | None = None
    seccomp_profile: SeccompProfile | None = None


class VolumeMount(Part, frozen=True):
    """Where a volume is seen."""

    mount_path: str
    name: str
    mount_propagation: str | None = None
    read_only: bool = False
    sub_path: str = ""


class Container(Part, frozen=True):
    """One process and its image."""

    name: str = field(default_factory=str)
    image: str = ""
    image_pull_policy: str = ""
    command: list[str] = field(default_factory=list)
    args: list[str] = field(default_factory=list)
    working_dir: str = ""
    env: Sequence[EnvVar] = field(default_factory=list)
    env_from: list[EnvFromSource] = field(default_factory=list)
    ports: Sequence[ContainerPort] = field(default_factory=list)
    readiness_probe: Probe | None = None
    liveness_probe: Probe | None = None
    startup_probe: Probe | None = None
    resources: Resources = field(default_factory=Resources)
    security_context: SecurityContext | None = None
    termination_message_path: str = ""
    termination_message_policy: str = ""
    volume_mounts: Sequence[VolumeMount] = field(default_factory=list)


class ImagePullSecret(Part, frozen=True):
    """Which Secret opens a registry."""

    name: str = field(default_factory=str)


class PodSpec(Part, frozen=True):
    """A revision's pod."""

    containers: list[Container]
    volumes: list[Volume] = field(default_factory=list)
    service_account_name: str = ""
    automount_service_account_token: bool | None = None
    enable_service_links: bool | None = None
    image_pull_secrets: list[ImagePullSecret] = field(default_factory=list)
    affinity: Open | None = None
    dns_config: Open | None = None
    dns_policy: str = ""
    host_aliases: list[Open] = field(default_factory=list)
    host_ipc: bool = field(default=False, name="hostIPC")
    host_network: bool = False
    host_pid: bool = field(default=False, name="hostPID")
    init_containers: list[Open] = field(default_factory=list)
    node_selector: dict[str, str] = field(default_factory=dict)
    priority_class_name: str = ""
    runtime_class_name: str | None = None
    scheduler_name: str = ""
    security_context: Open | None = None
    share_process_namespace: bool | None = None
    tolerations: list[Open] = field(default_factory=list)
    topology_spread_constraints: list[Open] = field(default_factory=list)
