"""What the API server refuses in objects of Kubernetes' own kinds, as far as Poorwill writes them."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from poorwill.errors import Fault
from poorwill.kinds import core, refusals
from poorwill.kinds.kind import Object

DATA_LIMIT_BYTES = 1024 * 1024
_KEY = re.compile(r"(?!\.\.?$)(?!\.\.)[-._a-zA-Z0-9]{1,253}", re.ASCII)
_RBAC = "rbac.authorization.k8s.io"
_PROTOCOLS = {"TCP", "UDP", "SCTP"}
_LARGEST_PORT = 65535
_SUBJECTS = {"User", "Group", "ServiceAccount"}
_OPERATORS = {"In", "NotIn", "Exists", "DoesNotExist"}
# the keys that a type of Secret must have
_TYPED_SECRETS = {
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}


def core_faults(typed: core.KubernetesObject, old: Object | None) -> Iterator[Fault]:
    """Yield what is wrong with an object of one of Kubernetes' own kinds."""
    check = _CHECKS.get(type(typed))
    if check is not None:
        yield from check(typed, old)


def _config_map(typed: core.ConfigMap, old: Object | None) -> Iterator[Fault]:
    both = {**typed.data, **typed.binary_data}
    yield from _key_faults(typed.data, "data")
    yield from _key_faults(typed.binary_data, "binaryData")
    yield from _base64_faults(typed.binary_data, "binaryData")
    if len(both) < len(typed.data) + len(typed.binary_data):
        yield Fault("data", "keys that binaryData does not have", "one in both", "keep one of them")
    yield from _size_faults(both)
    yield from _immutable_faults(typed.immutable, old, {"data": typed.data, "binaryData": typed.binary_data})


def _secret(typed: core.Secret, old: Object | None) -> Iterator[Fault]:
    yield from _key_faults(typed.data, "data")
    yield from _base64_faults(typed.data, "data")
    yield from _size_faults(typed.data)
    for key in _TYPED_SECRETS.get(typed.type, ()):
        if key not in typed.data:
            yield refusals.missing(f"data[{key}]")
    if old is not None and old.get("type", "Opaque") != typed.type:
        yield Fault("type", "the type it was created with", "another", "make another Secret")
    yield from _immutable_faults(typed.immutable, old, {"data": typed.data})


def _key_faults(data: Mapping[str, str], where: str) -> Iterator[Fault]:
    if any(_KEY.fullmatch(key) is None for key in data):
        yield refusals.unreadable(where, "keys of at most 253 letters, digits, - _ and .")


def _base64_faults(data: Mapping[str, str], where: str) -> Iterator[Fault]:
    for key, text in data.items():
        try:
            base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            yield refusals.unreadable(f"{where}.{key}", "base64")


def _size_faults(data: Mapping[str, str]) -> Iterator[Fault]:
    if sum(len(text.encode()) for text in data.values()) > DATA_LIMIT_BYTES:
        yield Fault("data", f"at most {DATA_LIMIT_BYTES} bytes in all", "more", "keep it elsewhere")


def _immutable_faults(immutable: bool | None, old: Object | None, data: Mapping[str, Any]) -> Iterator[Fault]:
    if not (old or {}).get("immutable"):
        return
    if not immutable:
        yield Fault("immutable", "true, as it was", "another value", "make another object")
    for name, values in data.items():
        if ((old or {}).get(name) or {}) != values:
            yield Fault(name, "the values it was made immutable with", "others", "make another object")


def _role(typed: core.Role, old: Object | None) -> Iterator[Fault]:
    del old
    for at, rule in enumerate(typed.rules or ()):
        if not rule.verbs:
            yield refusals.missing(f"rules[{at}].verbs")
        if rule.non_resource_urls:
            yield refusals.forbidden(f"rules[{at}].nonResourceURLs")
        if not rule.api_groups:
            yield refusals.missing(f"rules[{at}].apiGroups")
        if not rule.resources:
            yield refusals.missing(f"rules[{at}].resources")


def _role_binding(typed: core.RoleBinding, old: Object | None) -> Iterator[Fault]:
    if typed.role_ref.api_group != _RBAC:
        yield refusals.unreadable("roleRef.apiGroup", _RBAC)
    if typed.role_ref.kind not in {"Role", "ClusterRole"}:
        yield refusals.unreadable("roleRef.kind", "Role or ClusterRole")
    if not typed.role_ref.name:
        yield refusals.missing("roleRef.name")
    if old is not None and old.get("roleRef") != _written(typed.role_ref):
        yield Fault("roleRef", "the role it was created with", "another", "make another RoleBinding")
    for at, subject in enumerate(typed.subjects):
        where = f"subjects[{at}]"
        if not subject.name:
            yield refusals.missing(f"{where}.name")
        if subject.kind not in _SUBJECTS:
            yield refusals.unreadable(f"{where}.kind", "User, Group or ServiceAccount")
        elif subject.api_group != ("" if subject.kind == "ServiceAccount" else _RBAC):
            yield refusals.unreadable(f"{where}.apiGroup", f"nothing for a ServiceAccount, else {_RBAC}")


def _written(reference: core.RoleReference) -> Object:
    return {"apiGroup": reference.api_group, "kind": reference.kind, "name": reference.name}


def _network_policy(typed: core.NetworkPolicy, old: Object | None) -> Iterator[Fault]:
    del old
    spec = typed.spec
    if spec is None:
        return
    yield from _selector_faults(spec.pod_selector, "spec.podSelector")
    for at, incoming in enumerate(spec.ingress):
        yield from _port_faults(incoming.ports, f"spec.ingress[{at}].ports")
        yield from _peer_faults(incoming.from_, f"spec.ingress[{at}].from")
    for at, outgoing in enumerate(spec.egress):
        yield from _port_faults(outgoing.ports, f"spec.egress[{at}].ports")
        yield from _peer_faults(outgoing.to, f"spec.egress[{at}].to")
    if set(spec.policy_types) - {"Ingress", "Egress"}:
        yield refusals.unreadable("spec.policyTypes", "Ingress, Egress or both")


def _port_faults(ports: Sequence[core.NetworkPolicyPort], where: str) -> Iterator[Fault]:
    for at, port in enumerate(ports):
        if port.protocol not in {None, *_PROTOCOLS}:
            yield refusals.unreadable(f"{where}[{at}].protocol", "TCP, UDP or SCTP")
        if isinstance(port.port, int) and not 1 <= port.port <= _LARGEST_PORT:
            yield refusals.outside(f"{where}[{at}].port", 1, _LARGEST_PORT)


def _peer_faults(peers: Sequence[core.NetworkPolicyPeer], where: str) -> Iterator[Fault]:
    for at, peer in enumerate(peers):
        selectors = (peer.pod_selector, peer.namespace_selector)
        if peer.ip_block is not None and any(selector is not None for selector in selectors):
            yield refusals.several(f"{where}[{at}].ipBlock", f"{where}[{at}].podSelector")
        if peer.ip_block is None and all(selector is None for selector in selectors):
            yield refusals.missing(f"{where}[{at}]")
        for name, selector in zip(("podSelector", "namespaceSelector"), selectors, strict=True):
            if selector is not None:
                yield from _selector_faults(selector, f"{where}[{at}].{name}")


def _selector_faults(selector: core.LabelSelector, where: str) -> Iterator[Fault]:
    for at, requirement in enumerate(selector.match_expressions):
        here = f"{where}.matchExpressions[{at}]"
        if requirement.operator not in _OPERATORS:
            yield refusals.unreadable(f"{here}.operator", "In, NotIn, Exists or DoesNotExist")
        elif requirement.operator in {"In", "NotIn"} and not requirement.values:
            yield refusals.missing(f"{here}.values")
        elif requirement.operator in {"Exists", "DoesNotExist"} and requirement.values:
            yield Fault(f"{here}.values", "none with this operator", "some", "remove them")


_CHECKS: dict[type[core.KubernetesObject], Callable[[Any, Object | None], Iterator[Fault]]] = {
    core.ConfigMap: _config_map,
    core.Secret: _secret,
    core.Role: _role,
    core.RoleBinding: _role_binding,
    core.NetworkPolicy: _network_policy,
}
