"""The labels, annotations and owner references by which Knative's objects find each other."""

import hashlib
import re

from poorwill.kinds.kind import Kind, Object
from poorwill.kinds.objects import annotations, owner

SERVICE_LABEL = "serving.knative.dev/service"
SERVICE_UID_LABEL = "serving.knative.dev/serviceUID"
CONFIGURATION_LABEL = "serving.knative.dev/configuration"
CONFIGURATION_UID_LABEL = "serving.knative.dev/configurationUID"
GENERATION_LABEL = "serving.knative.dev/configurationGeneration"
ROUTE_LABEL = "serving.knative.dev/route"
ROUTING_STATE_LABEL = "serving.knative.dev/routingState"
VISIBILITY_LABEL = "networking.knative.dev/visibility"

ROUTES = "serving.knative.dev/routes"
ROUTING_STATE_MODIFIED = "serving.knative.dev/routingStateModified"
CREATOR = "serving.knative.dev/creator"
LAST_MODIFIER = "serving.knative.dev/lastModifier"
NO_GC = "serving.knative.dev/no-gc"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
ROLLOUT_DURATIONS = frozenset({"serving.knative.dev/rollout-duration", "serving.knative.dev/rolloutDuration"})

ROUTE_FINALIZER = "routes.serving.knative.dev"

_LONGEST_NAME, _MD5_LENGTH = 63, 32


def routes_of(obj: Object) -> set[str]:
    """Return the names of the Routes that send, or are to send, requests to this object."""
    return set(filter(None, annotations(obj).get(ROUTES, "").split(",")))


def controller_reference(maker: Object) -> dict[str, str | bool]:
    """Return what a made object says of its maker."""
    return {
        "apiVersion": maker["apiVersion"],
        "kind": maker["kind"],
        "name": maker["metadata"]["name"],
        "uid": maker["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def is_controlled_by(obj: Object, maker: Object) -> bool:
    """Return whether this very object made the other."""
    return bool((owner(obj) or {}).get("uid") == maker["metadata"]["uid"])


def configuration_of(revision: Object) -> str:
    """Return the name of the Configuration that made a Revision, "" where none did."""
    maker = owner(revision) or {}
    return str(maker["name"]) if maker.get("kind") == "Configuration" else ""


def child_name(parent: str, suffix: str) -> str:
    """Return a name for what an object makes, hashed where it would be too long (knative.dev/pkg/kmeta/names.go)."""
    if len(parent) <= _LONGEST_NAME - len(suffix):
        return parent + suffix
    head = _LONGEST_NAME - _MD5_LENGTH - len(suffix)
    if head > 0:
        return parent[:head] + hashlib.md5(parent.encode(), usedforsecurity=False).hexdigest() + suffix
    hashed = hashlib.md5((parent + suffix).encode(), usedforsecurity=False).hexdigest()
    name = parent[: _LONGEST_NAME - _MD5_LENGTH] + hashed
    return re.sub(r"[^a-zA-Z0-9]+$", "", (name + suffix)[:_LONGEST_NAME])


def is_terminating(obj: Object) -> bool:
    """Return whether the object is to go as soon as its finalizers are gone."""
    return "deletionTimestamp" in obj["metadata"]


def made(kind: Kind, maker: Object, name: str) -> Object:
    """Return the beginning of an object that another makes in its own namespace."""
    metadata = {
        "name": name,
        "namespace": maker["metadata"]["namespace"],
        "ownerReferences": [controller_reference(maker)],
    }
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata}
