"""The structure of batch/v1 Job and of its pod, as in Kubernetes 1.35; what no rule here looks into is open."""

from collections.abc import Sequence

from msgspec import field

from poorwill.kinds.core import KubernetesObject, LabelSelector
from poorwill.kinds.metadata import Metadata
from poorwill.kinds.pod_spec import (
    Container,
    ContainerPort,
    EnvVar,
    EnvVarSource,
    ImagePullSecret,
    Probe,
    Resources,
    SecurityContext,
    VolumeMount,
)
from poorwill.kinds.structure import Open, Part, Quantity
from poorwill.kinds.volume import Volume


class JobEnvVarSource(EnvVarSource, frozen=True):
    """Where a variable's value comes from."""

    file_key_ref: Open | None = None


class JobEnvVar(EnvVar, frozen=True):
    """One variable."""

    value_from: JobEnvVarSource | None = None


class JobProbe(Probe, frozen=True):
    """How a container is asked how it is."""

    termination_grace_period_seconds: int | None = None


class JobContainerPort(ContainerPort, frozen=True):
    """A port that a container listens at."""

    host_port: int = 0
    host_ip: str = field(default="", name="hostIP")


class JobResources(Resources, frozen=True):
    """What a container gets, and what it may take."""

    claims: list[Open] = field(default_factory=list)


class JobSecurityContext(SecurityContext, frozen=True):
    """What a container's processes may do."""

    app_armor_profile: Open | None = None
    proc_mount: str | None = None
    se_linux_options: Open | None = None
    windows_options: Open | None = None


class JobVolumeMount(VolumeMount, frozen=True):
    """Where a volume is seen."""

    recursive_read_only: str | None = None
    sub_path_expr: str = ""


class JobContainer(Container, frozen=True):
    """One process and its image, with all that Kubernetes itself knows of it."""

    env: Sequence[JobEnvVar] = field(default_factory=list)
    ports: Sequence[JobContainerPort] = field(default_factory=list)
    readiness_probe: JobProbe | None = None
    liveness_probe: JobProbe | None = None
    startup_probe: JobProbe | None = None
    resources: JobResources = field(default_factory=JobResources)
    security_context: JobSecurityContext | None = None
    volume_mounts: Sequence[JobVolumeMount] = field(default_factory=list)
    lifecycle: Open | None = None
    resize_policy: list[Open] = field(default_factory=list)
    restart_policy: str | None = None
    restart_policy_rules: list[Open] = field(default_factory=list)
    stdin: bool = False
    stdin_once: bool = False
    tty: bool = False
    volume_devices: list[Open] = field(default_factory=list)


class JobVolume(Volume, frozen=True):
    """Files that containers share or are given; the kinds that a revision can't have are open."""

    aws_elastic_block_store: Open | None = None
    azure_disk: Open | None = None
    azure_file: Open | None = None
    cephfs: Open | None = None
    cinder: Open | None = None
    downward_api: Open | None = field(default=None, name="downwardAPI")
    fc: Open | None = None
    flex_volume: Open | None = None
    flocker: Open | None = None
    gce_persistent_disk: Open | None = None
    git_repo: Open | None = None
    glusterfs: Open | None = None
    iscsi: Open | None = None
    nfs: Open | None = None
    photon_persistent_disk: Open | None = None
    portworx_volume: Open | None = None
    quobyte: Open | None = None
    rbd: Open | None = None
    scale_io: Open | None = field(default=None, name="scaleIO")
    storageos: Open | None = None
    vsphere_volume: Open | None = None


class JobPodSpec(Part, frozen=True):
    """The pod of a Job."""

    containers: list[JobContainer] = field(default_factory=list)
    init_containers: list[JobContainer] = field(default_factory=list)
    ephemeral_containers: list[Open] = field(default_factory=list)
    volumes: list[JobVolume] = field(default_factory=list)
    restart_policy: str = ""
    active_deadline_seconds: int | None = None
    affinity: Open | None = None
    automount_service_account_token: bool | None = None
    dns_config: Open | None = None
    dns_policy: str = ""
    enable_service_links: bool | None = None
    host_aliases: list[Open] = field(default_factory=list)
    host_ipc: bool = field(default=False, name="hostIPC")
    host_network: bool = False
    host_pid: bool = field(default=False, name="hostPID")
    host_users: bool | None = None
    hostname: str = ""
    hostname_override: str | None = None
    image_pull_secrets: list[ImagePullSecret] = field(default_factory=list)
    node_name: str = ""
    node_selector: dict[str, str] = field(default_factory=dict)
    os: Open | None = None
    overhead: dict[str, Quantity] = field(default_factory=dict)
    preemption_policy: str | None = None
    priority: int | None = None
    priority_class_name: str = ""
    readiness_gates: list[Open] = field(default_factory=list)
    resource_claims: list[Open] = field(default_factory=list)
    resources: JobResources | None = None
    runtime_class_name: str | None = None
    scheduler_name: str = ""
    scheduling_gates: list[Open] = field(default_factory=list)
    security_context: Open | None = None
    service_account: str = ""
    service_account_name: str = ""
    set_hostname_as_fqdn: bool | None = field(default=None, name="setHostnameAsFQDN")
    share_process_namespace: bool | None = None
    subdomain: str = ""
    termination_grace_period_seconds: int | None = None
    tolerations: list[Open] = field(default_factory=list)
    topology_spread_constraints: list[Open] = field(default_factory=list)
    workload_ref: Open | None = None


class JobPodTemplate(Part, frozen=True):
    """What a Job makes its pods from."""

    metadata: Metadata = field(default_factory=Metadata)
    spec: JobPodSpec = field(default_factory=JobPodSpec)


class ExitCodes(Part, frozen=True):
    """With which codes a container has to end."""

    operator: str
    values: list[int] = field(default_factory=list)
    container_name: str | None = None


class PodConditionPattern(Part, frozen=True):
    """Which condition a pod has to have."""

    type: str
    status: str = "True"


class PodFailureRule(Part, frozen=True):
    """What follows from a failure of one sort."""

    action: str
    on_exit_codes: ExitCodes | None = None
    on_pod_conditions: list[PodConditionPattern] = field(default_factory=list)


class PodFailurePolicy(Part, frozen=True):
    """What follows from failures, by the first rule that fits."""

    rules: list[PodFailureRule] = field(default_factory=list)


class JobSpec(Part, frozen=True):
    """How often a pod has to succeed, and how often it may fail."""

    parallelism: int | None = None
    completions: int | None = None
    active_deadline_seconds: int | None = None
    pod_failure_policy: PodFailurePolicy | None = None
    success_policy: Open | None = None
    backoff_limit: int | None = None
    backoff_limit_per_index: int | None = None
    max_failed_indexes: int | None = None
    selector: LabelSelector | None = None
    manual_selector: bool | None = None
    template: JobPodTemplate = field(default_factory=JobPodTemplate)
    ttl_seconds_after_finished: int | None = None
    completion_mode: str | None = None
    suspend: bool | None = None
    pod_replacement_policy: str | None = None
    managed_by: str | None = None


class JobCondition(Part, frozen=True):
    """One condition of a Job."""

    type: str
    status: str
    last_probe_time: str | None = None
    last_transition_time: str | None = None
    reason: str = ""
    message: str = ""


class JobStatus(Part, frozen=True):
    """How often a Job's pod succeeded and failed."""

    conditions: list[JobCondition] = field(default_factory=list)
    start_time: str | None = None
    completion_time: str | None = None
    active: int = 0
    succeeded: int = 0
    failed: int = 0
    terminating: int | None = None
    completed_indexes: str = ""
    failed_indexes: str | None = None
    uncounted_terminated_pods: Open | None = None
    ready: int | None = None


class Job(KubernetesObject, frozen=True):
    """A pod that runs to its end."""

    spec: JobSpec = field(default_factory=JobSpec)
    status: JobStatus | None = None


class EmbeddedJob(Part, frozen=True):
    """A Job inside another object, which need not say what it is."""

    kind: str = ""
    api_version: str = ""
    metadata: Metadata = field(default_factory=Metadata)
    spec: JobSpec = field(default_factory=JobSpec)
    status: JobStatus = field(default_factory=JobStatus)
