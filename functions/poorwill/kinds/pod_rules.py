"""What Kubernetes refuses in the pod of a revision, which Knative asks it only in a dry run.

Without one, such a revision is stored and never gets ready. From k8s.io/kubernetes 1.35: pkg/apis/core/validation.
"""

import re
from collections.abc import Iterator
from fractions import Fraction

from poorwill.errors import Fault
from poorwill.kinds import quantity, refusals
from poorwill.kinds.metadata import is_dns_1123_label, is_qualified_name
from poorwill.kinds.pod_spec import Container, EnvVarSource, PodSpec, Probe
from poorwill.kinds.structure import Quantity, written
from poorwill.kinds.volume import Volume

_VARIABLE = re.compile(r"[\x20-\x3c\x3e-\x7e]+", re.ASCII)
_PLAIN_RESOURCES = {"cpu", "memory", "ephemeral-storage"}
_LARGEST_PORT = 65535


def pod_faults(spec: PodSpec, where: str) -> Iterator[Fault]:
    """Yield what Kubernetes would refuse in a defaulted pod that Knative itself admits."""
    for at, container in enumerate(spec.containers):
        yield from container_faults(container, f"{where}.containers[{at}]")
    for at, volume in enumerate(spec.volumes):
        yield from volume_faults(volume, f"{where}.volumes[{at}]")


def container_faults(container: Container, where: str) -> Iterator[Fault]:
    """Yield what Kubernetes would refuse in a container that Knative itself admits."""
    if not is_dns_1123_label(container.name):
        yield refusals.unreadable(f"{where}.name", "a label of at most 63 small letters, digits and -")
    if container.image != container.image.strip():
        yield refusals.unreadable(f"{where}.image", "a name without blanks around it")
    if container.image_pull_policy not in {"", "Always", "IfNotPresent", "Never"}:
        yield refusals.unreadable(f"{where}.imagePullPolicy", "Always, IfNotPresent or Never")
    yield from _env_faults(container, where)
    yield from _resource_faults(container, f"{where}.resources")
    probes = (container.liveness_probe, container.startup_probe)
    for name, probe in zip(("livenessProbe", "startupProbe"), probes, strict=True):
        if probe is not None:
            yield from _probe_faults(probe, f"{where}.{name}")
    context = container.security_context
    if context is None:
        return
    profile = context.seccomp_profile
    if profile is not None and profile.type not in {"RuntimeDefault", "Unconfined", "Localhost"}:
        yield refusals.unreadable(f"{where}.securityContext.seccompProfile.type", "RuntimeDefault or Unconfined")


def _env_faults(container: Container, where: str) -> Iterator[Fault]:
    for at, variable in enumerate(container.env):
        here = f"{where}.env[{at}]"
        if _VARIABLE.fullmatch(variable.name) is None:
            yield refusals.unreadable(f"{here}.name", "printable characters but =")
        source = variable.value_from
        if source is not None:
            if variable.value:
                yield refusals.several(f"{here}.value", f"{here}.valueFrom")
            yield from _source_faults(source, f"{here}.valueFrom")
    for at, many in enumerate(container.env_from):
        for name, map_ in (("configMapRef", many.config_map_ref), ("secretRef", many.secret_ref)):
            if map_ is not None and not map_.name:
                yield refusals.missing(f"{where}.envFrom[{at}].{name}.name")


def _source_faults(source: EnvVarSource, where: str) -> Iterator[Fault]:
    references = {"configMapKeyRef": source.config_map_key_ref, "secretKeyRef": source.secret_key_ref}
    present = [f"{where}.{name}" for name in written(source)]
    if len(present) > 1:
        yield refusals.several(*present)
    if not present:
        yield refusals.missing(*(f"{where}.{name}" for name in references))
    for name, reference in references.items():
        if reference is not None and not reference.name:
            yield refusals.missing(f"{where}.{name}.name")


def _resource_faults(container: Container, where: str) -> Iterator[Fault]:
    limits, requests = container.resources.limits, container.resources.requests
    for bound, amounts in (("limits", limits), ("requests", requests)):
        for name, amount in amounts.items():
            if name not in _PLAIN_RESOURCES and not (is_qualified_name(name) and ("/" in name or "hugepages-" in name)):
                yield refusals.unreadable(f"{where}.{bound}", "cpu, memory, ephemeral-storage or a device's name")
            if _amount(amount) < 0:
                yield refusals.outside(f"{where}.{bound}.{name}", 0, 2**63 - 1)
    for name, amount in requests.items():
        if name in limits and _amount(amount) > _amount(limits[name]):
            yield Fault(f"{where}.requests.{name}", "at most the limit", "more", "lower it or raise the limit")


def _amount(value: Quantity) -> Fraction:
    try:
        return quantity.parse(value)
    except ValueError:
        return Fraction()


def _probe_faults(probe: Probe, where: str) -> Iterator[Fault]:
    numbers = {
        "initialDelaySeconds": probe.initial_delay_seconds,
        "timeoutSeconds": probe.timeout_seconds,
        "periodSeconds": probe.period_seconds,
        "failureThreshold": probe.failure_threshold,
    }
    for name, number in numbers.items():
        if number < 0:
            yield refusals.outside(f"{where}.{name}", 0, 2**31 - 1)
    if probe.success_threshold not in {0, 1}:
        yield refusals.unreadable(f"{where}.successThreshold", "1")
    if probe.exec_ is not None and not probe.exec_.command:
        yield refusals.missing(f"{where}.exec.command")
    for name, handler in (("httpGet", probe.http_get), ("tcpSocket", probe.tcp_socket), ("grpc", probe.grpc)):
        if handler is not None and isinstance(handler.port, int) and not 0 <= handler.port <= _LARGEST_PORT:
            yield refusals.outside(f"{where}.{name}.port", 1, _LARGEST_PORT)


def volume_faults(volume: Volume, where: str) -> Iterator[Fault]:
    """Yield what Kubernetes would refuse in a volume that Knative itself admits."""
    if volume.secret is not None and not volume.secret.secret_name:
        yield refusals.missing(f"{where}.secret.secretName")
    if volume.config_map is not None and not volume.config_map.name:
        yield refusals.missing(f"{where}.configMap.name")
