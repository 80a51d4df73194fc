"""What all pods of one maker have in common as Kubernetes objects: whose they are, their names, labels and rest."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import NamedTuple

from poorwill.kinds.kind import REVISION, Object
from poorwill.kinds.objects import annotations, labels

_SERVING = "serving.knative.dev/"
# https://github.com/knative/serving/blob/knative-v1.23.0/pkg/reconciler/revision/resources/meta.go
_NOT_OF_PODS = {"route", "routingState", "lastPinned", "preserved", "routingStateModified", "routes"}
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # k8s.io/apimachinery/pkg/util/rand
_LONGEST_PREFIX = 58
_DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


class Template(NamedTuple):
    """What a pod is made from, but for its container."""

    prefix: str  # of names
    owner: Object
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    spec: Object
    variables: Mapping[str, str]  # of every process
    restart_policy: str = "Always"

    def new_name(self) -> str:
        """Return a name for a pod, which no other has."""
        return self.prefix[:_LONGEST_PREFIX] + "".join(secrets.choice(_LETTERS) for _ in range(5))


def of_revision(revision: Object, container: str) -> Template:
    """Return how a Revision's pods are made; the hash in their names stands for the one of a ReplicaSet."""
    metadata = revision["metadata"]
    uid = str(metadata.get("uid", ""))
    template_hash = hashlib.sha256(uid.encode()).hexdigest()[:10]
    own = labels(revision)
    kept = {key: value for key, value in own.items() if key.removeprefix(_SERVING) not in _NOT_OF_PODS}
    noted = {
        key: value
        for key, value in annotations(revision).items()
        if key.removeprefix(_SERVING) not in _NOT_OF_PODS and not key.startswith("autoscaling.knative.dev/")
    }
    name = metadata["name"]
    made = {f"{_SERVING}revision": name, f"{_SERVING}revisionUID": uid, "pod-template-hash": template_hash}
    named = {"serviceAccountName", "automountServiceAccountToken", "enableServiceLinks", "volumes"}
    return Template(
        prefix=f"{name}-deployment-{template_hash}-",
        owner=reference(REVISION.api_version, REVISION.kind, metadata),
        labels={"app": name, **kept, **made},
        annotations={**noted, _DEFAULT_CONTAINER: container},
        spec={field: value for field, value in revision["spec"].items() if field in named},
        variables={
            "K_REVISION": name,
            "K_CONFIGURATION": own.get(f"{_SERVING}configuration", ""),
            "K_SERVICE": own.get(f"{_SERVING}service", ""),
        },
    )


def reference(api_version: str, kind: str, metadata: Object) -> Object:
    """Return what a pod says of its maker."""
    return {
        "apiVersion": api_version,
        "kind": kind,
        "name": metadata["name"],
        "uid": metadata.get("uid", ""),
        "controller": True,
        "blockOwnerDeletion": True,
    }
