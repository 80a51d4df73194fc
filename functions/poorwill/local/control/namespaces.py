"""A namespace that is deleted takes all in it along, and goes when the last of it is gone."""

from poorwill.kinds.kind import KEPT_KINDS, KINDS, NAMESPACE, POD, SERVICE_ACCOUNT, Key, Object, key_of
from poorwill.local.control.labels import is_terminating
from poorwill.local.state import State


def reconcile(state: State, namespace: Object) -> None:
    """Give a namespace the account that Kubernetes gives it, or empty one that is to go."""
    name = namespace["metadata"]["name"]
    if is_terminating(namespace):
        _empty(state, namespace)
    elif state.get(Key(SERVICE_ACCOUNT, name, "default")) is None:
        metadata = {"name": "default", "namespace": name}
        state.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})


def _empty(state: State, namespace: Object) -> None:
    name = namespace["metadata"]["name"]
    within = [kind for kind in (*KINDS, *KEPT_KINDS) if kind.namespaced]
    for kind in within:
        for obj in state.list(kind, name):
            if kind is not POD and not is_terminating(obj):
                state.delete(key_of(obj))
    if any(state.list(kind, name) for kind in within):
        return
    live = state.get(Key(NAMESPACE, "", name))
    if live is not None:
        state.update({**live, "spec": {**live.get("spec", {}), "finalizers": []}})
