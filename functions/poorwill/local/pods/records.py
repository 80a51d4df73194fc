"""The Pod objects of the fleet in the twin's state: written after the fact, so that no wake waits for a disk."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from poorwill.errors import UnavailableError
from poorwill.kinds.kind import POD, Key, Object
from poorwill.local.fence import Fence
from poorwill.local.pods.pod import Pod
from poorwill.local.pods.pod_object import FINALIZER, pod_object
from poorwill.local.state import State

DELAY_SECONDS = 0.02
"""From a change to its record: what a request waits for goes first."""

RETRY_SECONDS = 1.0


class Records:
    """Keeps the Pod objects as the pods are; changes that follow each other closely are one write."""

    def __init__(self, state: State, now: Callable[[], datetime]) -> None:
        self._state = state
        self._now = now
        self._due: dict[Key, Pod] = {}
        self._known: set[Key] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._fence = Fence("writing a pod's record")

    def clear(self) -> None:
        """Remove what an earlier twin wrote, whose processes ended with it."""
        for live in self._state.list(POD):
            if FINALIZER in live["metadata"].get("finalizers", ()):
                self._remove(live)

    def note(self, pod: Pod) -> None:
        """Remember that a pod is to be written."""
        self._due[_key(pod)] = pod
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(DELAY_SECONDS, self.write)

    def write(self) -> None:
        """Write what is due."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        due, self._due = self._due, {}
        for key, pod in due.items():
            with self._fence.around(key):
                try:
                    self._write(key, pod)
                except UnavailableError:  # the disk is full; pods go on without their records
                    self._due[key] = pod
        if self._due:
            self._timer = asyncio.get_running_loop().call_later(RETRY_SECONDS, self.write)

    def _write(self, key: Key, pod: Pod) -> None:
        live = self._state.get(key)
        if pod.gone.is_set():
            self._known.discard(key)
            if live:
                self._remove(live)
        elif live:
            self._update(key, pod, live)
        elif key not in self._known:
            self._state.create(pod_object(pod.plan, pod.life, {}, self._now()))
            self._known.add(key)

    def _update(self, key: Key, pod: Pod, live: Object) -> None:
        new = pod_object(pod.plan, pod.life, live.get("status") or {}, self._now())
        metadata = live["metadata"]
        if pod.life.over:  # its object may go without anybody's doing
            left = [name for name in metadata.get("finalizers", ()) if name != FINALIZER]
            metadata = {**metadata, "finalizers": left}
        self._state.update({**live, "metadata": metadata, "spec": new["spec"]})
        self._state.update({**new, "metadata": {"name": key.name, "namespace": key.namespace}}, status=True)
        if pod.draining and "deletionTimestamp" not in live["metadata"]:
            self._state.delete(key)

    def _remove(self, live: Object) -> None:
        metadata = live["metadata"]
        key = Key(POD, metadata["namespace"], metadata["name"])
        if "deletionTimestamp" not in metadata:
            live = self._state.delete(key)
        left = [name for name in live["metadata"].get("finalizers", ()) if name != FINALIZER]
        free = {name: value for name, value in live["metadata"].items() if name != "resourceVersion"}
        self._state.update({**live, "metadata": {**free, "finalizers": left}})


def _key(pod: Pod) -> Key:
    return Key(POD, pod.plan.key.namespace, pod.life.name)
