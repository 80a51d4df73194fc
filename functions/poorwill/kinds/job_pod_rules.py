"""What the API server refuses in the pod of a Job: k8s.io/kubernetes 1.35, pkg/apis/core/validation."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from poorwill.errors import Fault
from poorwill.kinds import pod_rules, quantity, refusals
from poorwill.kinds.job import JobContainer, JobContainerPort, JobPodSpec, JobVolume
from poorwill.kinds.metadata import is_dns_1123_label, is_dns_1123_subdomain
from poorwill.kinds.pod_spec import Probe, VolumeMount
from poorwill.kinds.policy_rules import is_port_name
from poorwill.kinds.structure import written
from poorwill.kinds.volume import KeyToPath

_LARGEST_PORT = 65535
_LABEL = "a label of at most 63 small letters, digits and -"
_UPWARDS = re.compile(r"(^|/)\.\.(/|$)")


def pod_faults(spec: JobPodSpec, where: str) -> Iterator[Fault]:
    """Yield what is wrong with a defaulted pod."""
    if not spec.containers:
        yield refusals.missing(f"{where}.containers")
    if spec.ephemeral_containers:
        yield refusals.forbidden(f"{where}.ephemeralContainers")
    yield from _plain_faults(spec, where)
    volumes = {volume.name for volume in spec.volumes}
    seen: set[str] = set()
    for list_name, containers in (("initContainers", spec.init_containers), ("containers", spec.containers)):
        for at, container in enumerate(containers):
            here = f"{where}.{list_name}[{at}]"
            if container.name in seen:
                yield Fault(f"{here}.name", "names that differ", "one name twice", "rename one")
            seen.add(container.name)
            yield from _container_faults(container, volumes, here)
            if list_name == "initContainers" and container.restart_policy != "Always":
                yield from _init_faults(container, here)
    yield from _volume_faults(spec.volumes, f"{where}.volumes")


def _plain_faults(spec: JobPodSpec, where: str) -> Iterator[Fault]:
    if spec.dns_policy not in {"", "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"}:
        yield refusals.unreadable(f"{where}.dnsPolicy", "ClusterFirst, ClusterFirstWithHostNet, Default or None")
    if spec.active_deadline_seconds is not None and not 1 <= spec.active_deadline_seconds < 2**31:
        yield refusals.outside(f"{where}.activeDeadlineSeconds", 1, 2**31 - 1, "seconds")
    if spec.service_account_name and not is_dns_1123_subdomain(spec.service_account_name):
        yield refusals.unreadable(f"{where}.serviceAccountName", "a name of small letters, digits, - and .")
    for name, label in (("hostname", spec.hostname), ("subdomain", spec.subdomain)):
        if label and not is_dns_1123_label(label):
            yield refusals.unreadable(f"{where}.{name}", _LABEL)


def _container_faults(container: JobContainer, volumes: AbstractSet[str], where: str) -> Iterator[Fault]:
    if container.name:
        yield from pod_rules.container_faults(container, where)
    else:
        yield refusals.missing(f"{where}.name")
    if not container.image:
        yield refusals.missing(f"{where}.image")
    if container.termination_message_policy not in {"", "File", "FallbackToLogsOnError"}:
        yield refusals.unreadable(f"{where}.terminationMessagePolicy", "File or FallbackToLogsOnError")
    for bound, amounts in (("limits", container.resources.limits), ("requests", container.resources.requests)):
        for name, amount in amounts.items():
            try:
                quantity.parse(amount)
            except ValueError:
                yield refusals.unreadable(f"{where}.resources.{bound}.{name}", "a quantity such as 500m or 128Mi")
    yield from _port_faults(container.ports, f"{where}.ports")
    yield from _mount_faults(container.volume_mounts, volumes, f"{where}.volumeMounts")
    for name, probe in _probes(container).items():
        yield from _probe_faults(probe, f"{where}.{name}")


def _probes(container: JobContainer) -> dict[str, Probe]:
    probes = {
        "livenessProbe": container.liveness_probe,
        "readinessProbe": container.readiness_probe,
        "startupProbe": container.startup_probe,
    }
    return {name: probe for name, probe in probes.items() if probe is not None}


def _init_faults(container: JobContainer, where: str) -> Iterator[Fault]:
    parts = [*_probes(container), *(("lifecycle",) if container.lifecycle is not None else ())]
    for name in parts:
        yield Fault(f"{where}.{name}", "none in a container that ends before the others begin", "one", "remove it")


def _probe_faults(probe: Probe, where: str) -> Iterator[Fault]:
    handlers = {"httpGet": probe.http_get, "tcpSocket": probe.tcp_socket, "exec": probe.exec_, "grpc": probe.grpc}
    there = [f"{where}.{name}" for name, handler in handlers.items() if handler is not None]
    if not there:
        yield refusals.missing(where)
    elif len(there) > 1:
        yield refusals.several(*there)


def _port_faults(ports: Sequence[JobContainerPort], where: str) -> Iterator[Fault]:
    names: set[str] = set()
    for at, port in enumerate(ports):
        here = f"{where}[{at}]"
        if not 1 <= port.container_port <= _LARGEST_PORT:
            yield refusals.outside(f"{here}.containerPort", 1, _LARGEST_PORT)
        if not 0 <= port.host_port <= _LARGEST_PORT:
            yield refusals.outside(f"{here}.hostPort", 1, _LARGEST_PORT)
        if port.protocol not in {"TCP", "UDP", "SCTP"}:
            yield refusals.unreadable(f"{here}.protocol", "TCP, UDP or SCTP")
        if port.name and not is_port_name(port.name):
            yield refusals.unreadable(f"{here}.name", "a name of at most 15 letters, digits and -")
        if port.name in names:
            yield Fault(f"{here}.name", "names that differ", "one name twice", "rename one")
        names |= {port.name} - {""}


def _mount_faults(mounts: Sequence[VolumeMount], volumes: AbstractSet[str], where: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for at, mount in enumerate(mounts):
        here = f"{where}[{at}]"
        if mount.name not in volumes:
            yield Fault(f"{here}.name", "a volume of the pod", "none of that name", "declare it under volumes")
        if not mount.mount_path:
            yield refusals.missing(f"{here}.mountPath")
        elif mount.mount_path in seen:
            yield Fault(f"{here}.mountPath", "paths that differ", "one path twice", "mount one elsewhere")
        seen.add(mount.mount_path)
        if mount.sub_path.startswith("/") or _UPWARDS.search(mount.sub_path):
            yield refusals.unreadable(f"{here}.subPath", "a relative path without ..")


def _volume_faults(volumes: Sequence[JobVolume], where: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for at, volume in enumerate(volumes):
        here = f"{where}[{at}]"
        if not volume.name:
            yield refusals.missing(f"{here}.name")
        elif not is_dns_1123_label(volume.name):
            yield refusals.unreadable(f"{here}.name", _LABEL)
        if volume.name in seen:
            yield Fault(f"{here}.name", "names that differ", "one name twice", "rename one")
        seen.add(volume.name)
        sources = [f"{here}.{name}" for name in written(volume) if name != "name"]
        if len(sources) > 1:
            yield refusals.several(*sources)
        yield from pod_rules.volume_faults(volume, here)
        for name, files in (("secret", volume.secret), ("configMap", volume.config_map)):
            if files is not None:
                yield from _item_faults(files.items, f"{here}.{name}.items")


def _item_faults(items: Sequence[KeyToPath], where: str) -> Iterator[Fault]:
    for at, item in enumerate(items):
        if not item.key:
            yield refusals.missing(f"{where}[{at}].key")
        if not item.path:
            yield refusals.missing(f"{where}[{at}].path")
        elif item.path.startswith("/") or _UPWARDS.search(item.path):
            yield refusals.unreadable(f"{where}[{at}].path", "a relative path without ..")
