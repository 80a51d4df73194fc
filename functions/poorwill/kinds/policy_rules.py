"""What the API server refuses in a NetworkPolicy."""

import re
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network

from poorwill.errors import Fault
from poorwill.kinds import core, refusals
from poorwill.kinds.kind import Object
from poorwill.kinds.metadata import is_qualified_name, label_faults

_PROTOCOLS = {"TCP", "UDP", "SCTP"}
_OPERATORS = {"In", "NotIn", "Exists", "DoesNotExist"}
_LARGEST_PORT = 65535
_PORT_NAME = re.compile(r"(?=.*[a-z])[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?", re.ASCII)


def policy_faults(typed: core.NetworkPolicy, old: Object | None) -> Iterator[Fault]:
    """Yield what is wrong with a policy."""
    del old
    spec = typed.spec
    if spec is None:
        return
    yield from selector_faults(spec.pod_selector, "spec.podSelector")
    for at, incoming in enumerate(spec.ingress):
        yield from _port_faults(incoming.ports, f"spec.ingress[{at}].ports")
        yield from _peer_faults(incoming.from_, f"spec.ingress[{at}].from")
    for at, outgoing in enumerate(spec.egress):
        yield from _port_faults(outgoing.ports, f"spec.egress[{at}].ports")
        yield from _peer_faults(outgoing.to, f"spec.egress[{at}].to")
    if set(spec.policy_types) - {"Ingress", "Egress"} or len(spec.policy_types) > 2:
        yield refusals.unreadable("spec.policyTypes", "Ingress, Egress or both")


def is_port_name(text: str) -> bool:
    """Return whether a text can be a port's name."""
    return _PORT_NAME.fullmatch(text) is not None and "--" not in text


def _port_faults(ports: Sequence[core.NetworkPolicyPort], where: str) -> Iterator[Fault]:
    for at, port in enumerate(ports):
        if port.protocol not in {None, *_PROTOCOLS}:
            yield refusals.unreadable(f"{where}[{at}].protocol", "TCP, UDP or SCTP")
        if isinstance(port.port, int) and not 1 <= port.port <= _LARGEST_PORT:
            yield refusals.outside(f"{where}[{at}].port", 1, _LARGEST_PORT)
        if isinstance(port.port, str) and not is_port_name(port.port):
            yield refusals.unreadable(f"{where}[{at}].port", "a number, or a name of at most 15 letters, digits and -")
        if port.end_port is not None and not (
            isinstance(port.port, int) and port.port <= port.end_port <= _LARGEST_PORT
        ):
            yield refusals.unreadable(f"{where}[{at}].endPort", "a port from the one before it on")


def _peer_faults(peers: Sequence[core.NetworkPolicyPeer], where: str) -> Iterator[Fault]:
    for at, peer in enumerate(peers):
        selectors = (peer.pod_selector, peer.namespace_selector)
        if peer.ip_block is not None and any(selector is not None for selector in selectors):
            yield refusals.several(f"{where}[{at}].ipBlock", f"{where}[{at}].podSelector")
        if peer.ip_block is None and all(selector is None for selector in selectors):
            yield refusals.missing(f"{where}[{at}]")
        if peer.ip_block is not None:
            yield from _block_faults(peer.ip_block, f"{where}[{at}].ipBlock")
        for name, selector in zip(("podSelector", "namespaceSelector"), selectors, strict=True):
            if selector is not None:
                yield from selector_faults(selector, f"{where}[{at}].{name}")


def _block_faults(block: core.IpBlock, where: str) -> Iterator[Fault]:
    network = _network(block.cidr)
    if network is None:
        yield refusals.unreadable(f"{where}.cidr", "addresses such as 10.0.0.0/8")
        return
    for at, text in enumerate(block.except_):
        inner = _network(text)
        if inner is None or inner == network or not _within(inner, network):
            yield refusals.unreadable(f"{where}.except[{at}]", "some of the addresses of cidr")


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False) if "/" in text else None
    except ValueError:
        return None


def _within(inner: IPv4Network | IPv6Network, outer: IPv4Network | IPv6Network) -> bool:
    return inner.version == outer.version and inner.network_address in outer and inner.prefixlen >= outer.prefixlen


def selector_faults(selector: core.LabelSelector, where: str) -> Iterator[Fault]:
    """Yield what is wrong with a selector of labels."""
    yield from label_faults(selector.match_labels, f"{where}.matchLabels")
    for at, requirement in enumerate(selector.match_expressions):
        here = f"{where}.matchExpressions[{at}]"
        if not is_qualified_name(requirement.key):
            yield refusals.unreadable(f"{here}.key", "a label's key")
        if requirement.operator not in _OPERATORS:
            yield refusals.unreadable(f"{here}.operator", "In, NotIn, Exists or DoesNotExist")
        elif requirement.operator in {"In", "NotIn"} and not requirement.values:
            yield refusals.missing(f"{here}.values")
        elif requirement.operator in {"Exists", "DoesNotExist"} and requirement.values:
            yield Fault(f"{here}.values", "none with this operator", "some", "remove them")
