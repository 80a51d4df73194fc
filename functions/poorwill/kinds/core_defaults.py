"""What the API server writes into objects of Kubernetes' own kinds that do not say it."""

import base64
from collections.abc import Callable

from poorwill.kinds import job_defaults
from poorwill.kinds.kind import Object

_RBAC = "rbac.authorization.k8s.io"


def default(obj: Object) -> Object:
    """Return a defaulted object; it may be the same one, changed."""
    return _DEFAULTS.get(obj["kind"], _unchanged)(obj)


def _unchanged(obj: Object) -> Object:
    return obj


def _namespace(obj: Object) -> Object:
    name = obj["metadata"].get("name")
    if name:
        obj["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = name
    obj.setdefault("spec", {"finalizers": ["kubernetes"]})
    obj.setdefault("status", {"phase": "Active"})
    return obj


def _secret(obj: Object) -> Object:
    obj["type"] = obj.get("type") or "Opaque"
    for key, text in obj.pop("stringData", {}).items():
        obj.setdefault("data", {})[key] = base64.b64encode(text.encode()).decode()
    return obj


def _role(obj: Object) -> Object:
    obj["rules"] = obj["rules"] or None  # as Go writes an empty list that must be there
    return obj


def _role_binding(obj: Object) -> Object:
    obj["roleRef"].setdefault("apiGroup", _RBAC)
    for subject in obj.get("subjects", ()):
        if subject["kind"] in {"User", "Group"}:
            subject.setdefault("apiGroup", _RBAC)
    return obj


def _network_policy(obj: Object) -> Object:
    spec = obj.setdefault("spec", {"podSelector": {}})
    spec.setdefault("policyTypes", ["Ingress", "Egress"] if "egress" in spec else ["Ingress"])
    for rule in (*spec.get("ingress", ()), *spec.get("egress", ())):
        for port in rule.get("ports", ()):
            port.setdefault("protocol", "TCP")
    return obj


_DEFAULTS: dict[str, Callable[[Object], Object]] = {
    "Namespace": _namespace,
    "Secret": _secret,
    "Role": _role,
    "RoleBinding": _role_binding,
    "NetworkPolicy": _network_policy,
    "Job": job_defaults.default,
}
