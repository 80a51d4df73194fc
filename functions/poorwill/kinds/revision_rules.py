"""What Knative refuses in a revision and its template: pkg/apis/serving/v1/revision_validation.go of 1.23.0."""

from collections.abc import Iterator, Mapping, Sequence

from poorwill.errors import Fault
from poorwill.kinds import container_rules, duration, quantity, refusals, scaling_rules
from poorwill.kinds.autoscaling import MAX_CONTAINER_CONCURRENCY, PROGRESS_DEADLINE
from poorwill.kinds.metadata import Metadata, is_dns_1035_label, is_dns_1123_subdomain
from poorwill.kinds.pod_spec import Container, PodSpec
from poorwill.kinds.serving import RevisionSpec, RevisionTemplate
from poorwill.kinds.structure import written
from poorwill.kinds.volume_rules import volume_faults

MAX_TIMEOUT_SECONDS = 600
ROLLOUT_DURATIONS = ("serving.knative.dev/rollout-duration", "serving.knative.dev/rolloutDuration")
_QUEUE = "queue.sidecar.serving.knative.dev"
_QUEUE_PERCENTS = (f"{_QUEUE}/resource-percentage", f"{_QUEUE}/resourcePercentage")
_QUEUE_AMOUNTS = tuple(
    f"{_QUEUE}/{resource}-resource-{bound}"
    for resource in ("cpu", "memory", "ephemeral-storage")
    for bound in ("request", "limit")
)
_NETWORKING = "networking.knative.dev"
_NETWORKING_ANNOTATIONS = {
    f"{_NETWORKING}/{name}"
    for name in (
        "ingress-class",
        "ingress.class",
        "certificate-class",
        "certificate.class",
        "disable-auto-tls",
        "disableAutoTLS",
        "disable-external-domain-tls",
        "http-protocol",
        "httpOption",
    )
}
# fields that the CRD has and a feature closes; all features are off, as Knative is delivered
_CLOSED = (
    "affinity",
    "dnsConfig",
    "dnsPolicy",
    "hostAliases",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "initContainers",
    "nodeSelector",
    "priorityClassName",
    "runtimeClassName",
    "schedulerName",
    "securityContext",
    "shareProcessNamespace",
    "tolerations",
    "topologySpreadConstraints",
)


def template_faults(template: RevisionTemplate, parent: Metadata, where: str) -> Iterator[Fault]:
    """Yield what is wrong with a template in a Configuration or Service."""
    if template.spec is None:
        yield refusals.missing(f"{where}.spec.containers")
        return
    yield from spec_faults(template.spec, f"{where}.spec")
    annotations = template.metadata.annotations
    yield from annotation_faults(annotations, f"{where}.metadata.annotations")
    if any(key.startswith(_NETWORKING) and key not in _NETWORKING_ANNOTATIONS for key in annotations):
        yield Fault(f"{where}.metadata.annotations", "annotations of networking that there are", "another", "remove it")
    yield from _name_faults(template.metadata, parent, f"{where}.metadata")
    yield from _queue_faults(annotations, f"{where}.metadata.annotations")
    yield from duration_faults(annotations, (PROGRESS_DEADLINE,), f"{where}.metadata.annotations")


def annotation_faults(annotations: Mapping[str, str], where: str) -> Iterator[Fault]:
    """Yield what is wrong with a revision's annotations."""
    yield from scaling_rules.annotation_faults(annotations, where)


def duration_faults(annotations: Mapping[str, str], keys: Sequence[str], where: str) -> Iterator[Fault]:
    """Yield what is wrong with an annotation that is a duration of whole seconds, under the first key that is there."""
    key = next((key for key in keys if annotations.get(key)), None)
    if key is None:
        return
    try:
        nanoseconds = duration.nanoseconds(annotations[key])
    except ValueError:
        yield refusals.unreadable(f"{where}.{key}", "a duration such as 90s")
        return
    if nanoseconds % 10**9:
        yield Fault(f"{where}.{key}", "whole seconds", "a part of one", "round it")
    elif nanoseconds < 0:
        yield Fault(f"{where}.{key}", "0 seconds or more", "less", "choose a longer one")


def spec_faults(spec: RevisionSpec, where: str) -> Iterator[Fault]:
    """Yield what is wrong with a revision's spec."""
    yield from _pod_faults(spec, where)
    if spec.timeout_seconds is not None and not 0 <= spec.timeout_seconds <= MAX_TIMEOUT_SECONDS:
        yield refusals.outside(f"{where}.timeoutSeconds", 0, MAX_TIMEOUT_SECONDS, "seconds")
    if spec.container_concurrency is not None and not 0 <= spec.container_concurrency <= MAX_CONTAINER_CONCURRENCY:
        yield refusals.outside(f"{where}.containerConcurrency", 0, MAX_CONTAINER_CONCURRENCY, "requests")


def _pod_faults(spec: PodSpec, where: str) -> Iterator[Fault]:
    present = written(spec)
    for name in _CLOSED:
        # Go compares with an empty value, so that an empty object that is a pointer counts as set
        if name in present:
            yield refusals.forbidden(f"{where}.{name}")
    for name in spec.security_context or ():
        yield refusals.forbidden(f"{where}.securityContext.{name}")
    if spec.automount_service_account_token:
        yield refusals.forbidden(f"{where}.automountServiceAccountToken", "true", "set it to false or remove it")
    yield from refusals.twice([secret.name for secret in spec.image_pull_secrets], f"{where}.imagePullSecrets")
    mounted = {mount.name for container in spec.containers for mount in container.volume_mounts}
    yield from volume_faults(spec.volumes, mounted, f"{where}.volumes")
    yield from _containers_faults(spec, where)
    if spec.service_account_name and not is_dns_1123_subdomain(spec.service_account_name):
        yield refusals.unreadable(f"{where}.serviceAccountName", "a name of small letters, digits, - and .")


def _containers_faults(spec: PodSpec, where: str) -> Iterator[Fault]:
    volumes = {volume.name: volume for volume in spec.volumes}
    ports = [port for container in spec.containers for port in container.ports]
    several = len(spec.containers) > 1
    if not spec.containers:
        yield refusals.missing(f"{where}.containers")
    if not ports and several:
        yield refusals.missing(f"{where}.containers[*].ports")
    if len(ports) > 1:
        advice = "keep the one that takes requests"
        yield Fault(f"{where}.containers[*].ports", "one port in all containers together", "more", advice)
    port_name = (_last_first_port(spec.containers) if ports else "") or "http"
    seen: set[str] = set()
    for at, container in enumerate(spec.containers):
        here = f"{where}.containers[{at}]"
        if container.name in seen:
            yield Fault(f"{here}.name", "names that differ", "one name twice", "rename one")
        seen.add(container.name)
        sidecar = several and not container.ports
        yield from container_rules.container_faults(container, volumes, here, port_name=port_name, sidecar=sidecar)


def _last_first_port(containers: Sequence[Container]) -> str:
    return [container.ports[0].name for container in containers if container.ports][-1]


def _name_faults(metadata: Metadata, parent: Metadata, where: str) -> Iterator[Fault]:
    prefix, name = metadata.generate_name, metadata.name
    if prefix and not is_dns_1035_label(f"{prefix[:-1]}a" if prefix.endswith("-") else prefix):
        yield refusals.unreadable(f"{where}.generateName", "the beginning of a label of small letters, digits and -")
    if not name:
        return
    if not is_dns_1035_label(name):
        yield refusals.unreadable(f"{where}.name", "a label of at most 63 small letters, digits and -")
    elif not parent.name and parent.generate_name:
        yield refusals.forbidden(f"{where}.name", "one, where the object's own is generated")
    elif not name.startswith(f"{parent.name}-"):
        yield Fault(f"{where}.name", "the object's own name, a - and more", "another beginning", "put it before")


def _queue_faults(annotations: Mapping[str, str], where: str) -> Iterator[Fault]:
    key = next((key for key in _QUEUE_PERCENTS if key in annotations), None)
    if key is not None:
        try:
            percent = scaling_rules.number(annotations[key])
        except ValueError:
            yield refusals.unreadable(f"{where}[{key}]", "a number, as a string")
        else:
            if not 0.1 <= percent <= 100:
                yield refusals.outside(f"{where}[{key}]", 0.1, 100, "percent")
    for key in _QUEUE_AMOUNTS:
        if key not in annotations:
            continue
        try:
            quantity.parse(annotations[key])
        except ValueError:
            yield refusals.unreadable(f"{where}[{key}]", "a quantity such as 25m or 50Mi")
