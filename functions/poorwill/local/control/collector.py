"""Garbage: what is owned goes with its owners, in the background, before them, or not at all, as the deletion says."""

from poorwill.kinds.kind import POD, Key, Object, key_of, named
from poorwill.local.control.index import Index
from poorwill.local.state import State

_FOREGROUND, _ORPHAN = "foregroundDeletion", "orphan"


class Collector:
    """Deletes what has lost its owners. Pods are left to who runs them."""

    def __init__(self, state: State, index: Index) -> None:
        self._state = state
        self._index = index

    def gone(self, uid: str) -> None:
        """Look at all that named an owner which is gone."""
        for key in self._index.owned(uid):
            self.look(key)

    def look(self, key: Key) -> None:
        """Delete an object all of whose owners are gone, or take those off that are."""
        obj = self._state.get(key)
        references = obj["metadata"].get("ownerReferences", []) if obj else []
        if obj is None or not references or key.kind is POD:
            return
        alive = [reference for reference in references if self._is_alive(obj, reference)]
        if not alive:
            self._state.delete(key)
        elif len(alive) < len(references):
            self._state.update({**obj, "metadata": {**obj["metadata"], "ownerReferences": alive}})

    def finalize(self, obj: Object) -> None:
        """Do for an object that is to go what its deletion asked for, and let it go when that is done."""
        finalizers = obj["metadata"].get("finalizers", [])
        uid = obj["metadata"]["uid"]
        if _ORPHAN in finalizers:
            for key in self._index.owned(uid):
                self._release(key, uid)
            self._done(obj, _ORPHAN)
        elif _FOREGROUND in finalizers:
            waiting = [key for key in self._index.owned(uid) if self._take(key, uid)]
            if not waiting:
                self._done(obj, _FOREGROUND)

    def _take(self, key: Key, uid: str) -> bool:
        """Delete a dependent, and return whether its owner has to wait for that."""
        dependent = self._state.get(key)
        if dependent is None or key.kind is POD:
            return False
        blocks = any(
            reference["uid"] == uid and reference.get("blockOwnerDeletion")
            for reference in dependent["metadata"].get("ownerReferences", ())
        )
        if "deletionTimestamp" not in dependent["metadata"]:
            self._state.delete(key)
        return blocks and self._state.get(key) is not None

    def _release(self, key: Key, uid: str) -> None:
        dependent = self._state.get(key)
        if dependent is not None:
            references = [each for each in dependent["metadata"].get("ownerReferences", ()) if each["uid"] != uid]
            metadata = {**dependent["metadata"], "ownerReferences": references}
            self._state.update({**dependent, "metadata": metadata})

    def _done(self, obj: Object, finalizer: str) -> None:
        live = self._state.get(key_of(obj))
        if live is not None:
            rest = [name for name in live["metadata"].get("finalizers", ()) if name != finalizer]
            self._state.update({**live, "metadata": {**live["metadata"], "finalizers": rest}})

    def _is_alive(self, obj: Object, reference: Object) -> bool:
        """Return whether an owner is there; one of a kind that is not kept here counts as there."""
        kind = named(reference["apiVersion"], reference["kind"])
        if kind is None:
            return True
        namespace = obj["metadata"].get("namespace", "") if kind.namespaced else ""
        found = self._state.get(Key(kind, namespace, reference["name"]))
        return found is not None and found["metadata"]["uid"] == reference["uid"]
