"""What the API server refuses in objects of Kubernetes' own kinds, as far as Poorwill writes them."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from poorwill.errors import Fault
from poorwill.kinds import core, refusals
from poorwill.kinds.kind import Object
from poorwill.kinds.metadata import is_dns_1123_subdomain
from poorwill.kinds.policy_rules import policy_faults

DATA_LIMIT_BYTES = 1024 * 1024
_KEY = re.compile(r"(?!\.\.?$)(?!\.\.)[-._a-zA-Z0-9]{1,253}", re.ASCII)
_RBAC = "rbac.authorization.k8s.io"
_SUBJECTS = {"User", "Group", "ServiceAccount"}
# the keys that a type of Secret must have
_TYPED_SECRETS = {
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}

_JSON_SECRETS = {
    "kubernetes.io/dockerconfigjson": ".dockerconfigjson",
    "kubernetes.io/dockercfg": ".dockercfg",
}
_ACCOUNT = "kubernetes.io/service-account.name"
_LINE_ENDS = {ord("\r"): None, ord("\n"): None}  # Go skips them in base64


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
    yield from _typed_secret_faults(typed)
    if old is not None and old.get("type", "Opaque") != typed.type:
        yield Fault("type", "the type it was created with", "another", "make another Secret")
    yield from _immutable_faults(typed.immutable, old, {"data": typed.data})


def _typed_secret_faults(secret: core.Secret) -> Iterator[Fault]:
    for key in _TYPED_SECRETS.get(secret.type, ()):
        if key not in secret.data:
            yield refusals.missing(f"data[{key}]")
    if secret.type == "kubernetes.io/basic-auth" and not {"username", "password"} & secret.data.keys():
        yield refusals.missing("data[username]", "data[password]")
    if secret.type == "kubernetes.io/service-account-token" and not secret.metadata.annotations.get(_ACCOUNT):
        yield refusals.missing(f"metadata.annotations[{_ACCOUNT}]")
    json_key = _JSON_SECRETS.get(secret.type, "")
    if json_key in secret.data:
        try:
            msgspec.json.decode(base64.b64decode(secret.data[json_key]), type=dict[str, Any])
        except (binascii.Error, msgspec.DecodeError):
            yield refusals.unreadable(f"data[{json_key}]", "a JSON object, in base64")


def _key_faults(data: Mapping[str, str], where: str) -> Iterator[Fault]:
    if any(_KEY.fullmatch(key) is None for key in data):
        yield refusals.unreadable(where, "keys of at most 253 letters, digits, - _ and .")


def _base64_faults(data: Mapping[str, str], where: str) -> Iterator[Fault]:
    for key, text in data.items():
        try:
            base64.b64decode(text.translate(_LINE_ENDS), validate=True)
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
            continue
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
    elif typed.role_ref.name in {".", ".."} or "/" in typed.role_ref.name or "%" in typed.role_ref.name:
        yield refusals.unreadable("roleRef.name", "a name without / and %")
    if old is not None and old.get("roleRef") != _written(typed.role_ref):
        yield Fault("roleRef", "the role it was created with", "another", "make another RoleBinding")
    for at, subject in enumerate(typed.subjects):
        yield from _subject_faults(subject, f"subjects[{at}]")


def _subject_faults(subject: core.Subject, where: str) -> Iterator[Fault]:
    if not subject.name:
        yield refusals.missing(f"{where}.name")
    elif subject.kind == "ServiceAccount" and not is_dns_1123_subdomain(subject.name):
        yield refusals.unreadable(f"{where}.name", "a name of small letters, digits, - and .")
    if subject.kind not in _SUBJECTS:
        yield refusals.unreadable(f"{where}.kind", "User, Group or ServiceAccount")
    elif subject.api_group != ("" if subject.kind == "ServiceAccount" else _RBAC):
        yield refusals.unreadable(f"{where}.apiGroup", f"nothing for a ServiceAccount, else {_RBAC}")


def _written(reference: core.RoleReference) -> Object:
    return {"apiGroup": reference.api_group, "kind": reference.kind, "name": reference.name}


_CHECKS: dict[type[core.KubernetesObject], Callable[[Any, Object | None], Iterator[Fault]]] = {
    core.ConfigMap: _config_map,
    core.Secret: _secret,
    core.Role: _role,
    core.RoleBinding: _role_binding,
    core.NetworkPolicy: policy_faults,
}
