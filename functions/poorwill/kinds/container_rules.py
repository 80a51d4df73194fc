"""What Knative refuses in a container of a revision: pkg/apis/serving/{k8s_validation,fieldmask}.go of 1.23.0."""

from collections.abc import Iterator, Mapping

from poorwill.errors import Fault
from poorwill.kinds import image_reference, probe_rules, quantity, refusals
from poorwill.kinds.pod_spec import Container, ContainerPort, EnvFromSource, EnvVar, SecurityContext
from poorwill.kinds.structure import Quantity
from poorwill.kinds.volume import Volume
from poorwill.kinds.volume_rules import mount_faults

RESERVED_PORTS = frozenset({8008, 8012, 8013, 8022, 9090, 9091})
"""queue-proxy's, and the profiler's."""
_RESERVED_NAMES = {"queue-proxy"}
_RESERVED_VARIABLES = frozenset({"K_SERVICE", "K_CONFIGURATION", "K_REVISION"})
_LARGEST_ID = 2**31 - 1
_LARGEST_PORT = 65535


def container_faults(
    container: Container, volumes: Mapping[str, Volume], where: str, *, port_name: str, sidecar: bool
) -> Iterator[Fault]:
    """Yield what is wrong with one container.

    Args:
        container: defaulted.
        volumes: of the pod, by name.
        where: its path.
        port_name: of the pod's one port, as probes may call it.
        sidecar: beside the one that takes requests.
    """
    if sidecar:
        yield from probe_rules.sidecar_faults(container, where)
    else:
        yield from probe_rules.serving_faults(container, port_name, where)
    if container.name in _RESERVED_NAMES:
        yield Fault(f"{where}.name", "a name that is not reserved", "Knative's own", "choose another")
    yield from _variable_faults(container, where, sidecar=sidecar)
    if not container.image:
        yield refusals.missing(f"{where}.image")
    elif not image_reference.is_image(container.image):
        yield refusals.unreadable(f"{where}.image", "an image such as ghcr.io/poorwill/serve@sha256:...")
    if container.ports:
        yield from _port_faults(container.ports[0], f"{where}.ports")
    for amounts, name in ((container.resources.limits, "limits"), (container.resources.requests, "requests")):
        yield from _amount_faults(amounts, f"{where}.resources.{name}")
    if container.security_context is not None:
        yield from _security_faults(container.security_context, f"{where}.securityContext")
    if container.termination_message_policy not in {"", "File", "FallbackToLogsOnError"}:
        yield refusals.unreadable(f"{where}.terminationMessagePolicy", "File or FallbackToLogsOnError")
    yield from mount_faults(container.volume_mounts, volumes, f"{where}.volumeMounts")


def _variable_faults(container: Container, where: str, *, sidecar: bool) -> Iterator[Fault]:
    reserved = _RESERVED_VARIABLES if sidecar else _RESERVED_VARIABLES | {"PORT"}
    yield from refusals.twice([variable.name for variable in container.env], f"{where}.env")
    for at, variable in enumerate(container.env):
        yield from _env_faults(variable, reserved, f"{where}.env[{at}]")
    for source in container.env_from:
        yield from _env_from_faults(source, f"{where}.envFrom")


def _env_faults(variable: EnvVar, reserved: frozenset[str], where: str) -> Iterator[Fault]:
    if not variable.name:
        yield refusals.missing(f"{where}.name")
    elif variable.name in reserved:
        yield Fault(f"{where}.name", "a name that is not reserved", "one that Knative sets itself", "choose another")
    source = variable.value_from
    if source is None:
        return
    for name, reference in (("fieldRef", source.field_ref), ("resourceFieldRef", source.resource_field_ref)):
        if reference is not None:
            yield refusals.forbidden(f"{where}.valueFrom.{name}")


def _env_from_faults(source: EnvFromSource, where: str) -> Iterator[Fault]:
    fields = (f"{where}.configMapRef", f"{where}.secretRef")
    if source.config_map_ref is not None and source.secret_ref is not None:
        yield refusals.several(*fields)
    elif source.config_map_ref is None and source.secret_ref is None:
        yield refusals.missing(*fields)


def _port_faults(port: ContainerPort, where: str) -> Iterator[Fault]:
    if port.container_port in RESERVED_PORTS:
        advice = "choose another, 8080 is usual"
        yield Fault(f"{where}.containerPort", "a port that is not reserved", "one of Knative's own", advice)
    if not 0 <= port.container_port <= _LARGEST_PORT:
        yield refusals.outside(f"{where}.containerPort", 0, _LARGEST_PORT)
    if port.protocol not in {"", "TCP"}:
        yield refusals.unreadable(f"{where}.protocol", "TCP")
    if port.name not in {"", "http1", "h2c"}:
        yield refusals.unreadable(where, "as name nothing, http1 or h2c")


def _amount_faults(amounts: Mapping[str, Quantity], where: str) -> Iterator[Fault]:
    for name, amount in amounts.items():
        try:
            quantity.parse(amount)
        except ValueError:
            yield refusals.unreadable(f"{where}.{name}", "a quantity such as 500m or 128Mi")


def _security_faults(context: SecurityContext, where: str) -> Iterator[Fault]:
    if context.privileged:
        yield refusals.forbidden(f"{where}.privileged")
    if context.capabilities is not None and context.capabilities.add:
        yield refusals.forbidden(f"{where}.capabilities.add")
    for name, number in (("runAsUser", context.run_as_user), ("runAsGroup", context.run_as_group)):
        if number is not None and not 0 <= number <= _LARGEST_ID:
            yield refusals.outside(f"{where}.{name}", 0, _LARGEST_ID)
