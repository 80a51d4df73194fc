"""What Knative refuses in a container's probes: pkg/apis/serving/k8s_validation.go of 1.23.0."""

from collections.abc import Iterator

from poorwill.errors import Fault
from poorwill.kinds import refusals
from poorwill.kinds.pod_spec import Container, Probe
from poorwill.kinds.structure import IntOrString, written

_INT32 = 2**31 - 1
_HANDLERS = ("httpGet", "tcpSocket", "exec", "grpc")
NAMES = ("livenessProbe", "readinessProbe", "startupProbe")


def serving_faults(container: Container, port_name: str, where: str) -> Iterator[Fault]:
    """Yield what is wrong with the probes of the container that takes requests."""
    for name, probe in zip(NAMES, _probes(container), strict=True):
        if probe is not None:
            yield from _probe_faults(probe, port_name, f"{where}.{name}")
    if container.readiness_probe is not None:
        yield from _readiness_faults(container.readiness_probe, f"{where}.readinessProbe")


def sidecar_faults(container: Container, where: str) -> Iterator[Fault]:
    """Yield the fault of every field of a probe in another container: the cluster allows none."""
    for name, probe in zip(NAMES, _probes(container), strict=True):
        for field in written(probe) if probe is not None else ():
            # Go's type has the four ways to ask embedded, so that they have no name of their own
            yield refusals.forbidden(f"{where}.{name}" if field in _HANDLERS else f"{where}.{name}.{field}")


def _probes(container: Container) -> tuple[Probe | None, ...]:
    return container.liveness_probe, container.readiness_probe, container.startup_probe


def _probe_faults(probe: Probe, port_name: str, where: str) -> Iterator[Fault]:
    handlers = {"httpGet": probe.http_get, "tcpSocket": probe.tcp_socket, "exec": probe.exec_, "grpc": probe.grpc}
    present = [f"{where}.{name}" for name, handler in handlers.items() if handler is not None]
    if probe.http_get is not None:
        yield from _port_faults(probe.http_get.port, port_name, f"{where}.httpGet.port")
    if probe.tcp_socket is not None:
        yield from _port_faults(probe.tcp_socket.port, port_name, f"{where}.tcpSocket.port")
    if not present:
        yield refusals.missing(*(f"{where}.{name}" for name in handlers))
    elif len(present) > 1:
        yield refusals.several(*present)


def _port_faults(port: IntOrString, port_name: str, where: str) -> Iterator[Fault]:
    if isinstance(port, str) and port not in {"", port_name}:
        yield refusals.unreadable(where, "0 or the name of the container's port")


def _readiness_faults(probe: Probe, where: str) -> Iterator[Fault]:
    least = {"periodSeconds": (probe.period_seconds, 0), "initialDelaySeconds": (probe.initial_delay_seconds, 0)}
    least["successThreshold"] = (probe.success_threshold, 1)
    if probe.period_seconds:
        least["timeoutSeconds"] = (probe.timeout_seconds, 1)
        least["failureThreshold"] = (probe.failure_threshold, 1)
    for name, (value, low) in least.items():
        if not low <= value <= _INT32:
            yield refusals.outside(f"{where}.{name}", low, _INT32)
    if not probe.period_seconds:
        advice = "remove it, or set periodSeconds"
        for name, value in (("failureThreshold", probe.failure_threshold), ("timeoutSeconds", probe.timeout_seconds)):
            if value:
                yield Fault(f"{where}.{name}", "none where periodSeconds is 0", "one", advice)
