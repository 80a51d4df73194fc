"""The pods of all revisions: what runs against what is asked for."""

import asyncio
import shutil
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from poorwill.kinds.kind import CONFIG_MAP, POD, REVISION, SECRET, Key, Kind, Object, kind_of
from poorwill.local.fence import Fence
from poorwill.local.pods import limits
from poorwill.local.pods.images import COMMAND_REFUSED, Images
from poorwill.local.pods.plan import key_of_revision
from poorwill.local.pods.pod import Ground, Pod
from poorwill.local.pods.process import end_strays
from poorwill.local.pods.records import Records
from poorwill.local.pods.replicas import Replicas
from poorwill.local.revision import RevisionKey, RevisionState
from poorwill.local.state import Change, State

BeforeDrain = Callable[[RevisionKey], Awaitable[None]]
"""Returns when the data path no longer sends requests to what has left the revision's ready endpoints."""

STOP_SECONDS = 30.0
"""What pods get to end when the twin does."""


async def _at_once(_: RevisionKey) -> None:
    """Wait for nothing: there is no data path."""


class Fleet:
    """Runs as many pods of each revision as was last asked for. All on one loop, which must run when it is made.

    Args:
        folder: for logs and temporary files of pods; what an earlier twin left there, or left running, is removed.
        state: where ConfigMaps and Secrets are read and Pods are written; a revision that is deleted there ends.
        images: what may run.
        changed: called after each change of a revision's state; must not block.
        before_drain: awaited after an endpoint has gone from the state, before its process gets SIGTERM.
        working_folder: where a relative POORWILL_STORE starts.
        gateway: returns host:port of the data path.
        clock: seconds, for backoff, deadlines and grace.
    """

    def __init__(  # noqa: PLR0913 - where the twin's parts meet
        self,
        folder: Path,
        state: State,
        images: Images,
        *,
        changed: Callable[[RevisionKey], None],
        working_folder: Path,
        before_drain: BeforeDrain = _at_once,
        gateway: Callable[[], str] = str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        end_strays(folder.resolve())
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
        path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
        self.ground = Ground(
            folder.resolve(), working_folder.resolve(), path, self._look_up, clock, _now, set(), gateway
        )
        self._state = state
        self._images = images
        self._changed = changed
        self._before_drain = before_drain
        self._replicas: dict[RevisionKey, Replicas] = {}
        self._ended: list[Replicas] = []  # of revisions that are deleted, until their last pod is gone
        self._told: dict[RevisionKey, RevisionState] = {}
        self._heart: asyncio.Task[None] | None = None
        self._fence = Fence("a revision's beat")
        self._records = Records(state, _now)
        self._records.clear()
        self._unsubscribe = state.subscribe(self._heard)

    def scale(self, revision: Object, wanted: int) -> None:
        """Want so many pods of a revision: start them before this returns, or drain."""
        key, uid = key_of_revision(revision), revision["metadata"].get("uid", "")
        replicas = self._replicas.get(key)
        if replicas is not None and replicas.uid != uid:  # of a deleted one that had the same name
            self._end(key)
            replicas = None
        if replicas is None:
            replicas = self._replicas[key] = Replicas(uid, self.ground, self._images, self._moved)
        try:
            replicas.scale(revision, wanted, lambda: self._before_drain(key))
        finally:
            self._tell(key, replicas)
            if replicas.due and self._heart is None:
                self._heart = asyncio.get_running_loop().create_task(self._beat())

    def state(self, key: RevisionKey) -> RevisionState | None:
        """Return what runs of a revision, None where it was never scaled."""
        replicas = self._replicas.get(key)
        return replicas.state() if replicas else None

    def log(self, namespace: str, pod: str, container: str, previous: bool = False) -> Path | None:
        """Return the file with a container's output, or that before its last restart; None where there is none."""
        found = self._pod(Key(POD, namespace, pod))
        if found is None or found.plan.container["name"] != container:
            return None
        path = found.log(previous=previous)
        return path if path.is_file() else None

    async def stop(self, grace_seconds: float = STOP_SECONDS) -> None:
        """Drain all pods at once, and kill what is left when the grace is over."""
        self._unsubscribe()
        self._unsubscribe = lambda: None
        pods = [pod for replicas in self._all() for pod in replicas.pods]
        for replicas in self._replicas.values():
            replicas.desired = 0
        for pod in pods:
            pod.drain(None, grace_seconds)
        await asyncio.gather(*(pod.gone.wait() for pod in pods))
        if self._heart:
            self._heart.cancel()
        self._records.write()

    def beat(self) -> None:
        """Do what is due now: starts after a backoff, ends of graces, deadlines, memory limits."""
        for replicas in tuple(self._ended):
            with self._fence.around(replicas.uid):
                replicas.beat()
        for key, replicas in tuple(self._replicas.items()):
            if replicas.due:
                with self._fence.around(key):
                    replicas.beat()
                    self._tell(key, replicas)

    async def _beat(self) -> None:
        """Beat while there is something to do; a twin whose functions all sleep does nothing."""
        while any(replicas.due for replicas in self._all()):
            await asyncio.sleep(limits.PERIOD_SECONDS)
            self.beat()
        self._heart = None

    def _moved(self, replicas: Replicas, pod: Pod) -> None:
        self._records.note(pod)
        if replicas not in self._ended:
            self._tell(pod.plan.key, replicas)
        elif not replicas.pods:
            self._ended.remove(replicas)

    def _all(self) -> Iterator[Replicas]:
        yield from self._replicas.values()
        yield from self._ended

    def _tell(self, key: RevisionKey, replicas: Replicas) -> None:
        state = replicas.state()
        if self._told.get(key) != state:
            self._told[key] = state
            self._changed(key)

    def _look_up(self, namespace: str, kind: Kind, name: str) -> Object | None:
        return self._state.get(Key(kind, namespace, name))

    def _pod(self, key: Key) -> Pod | None:
        pods = (pod for replicas in self._all() for pod in replicas.pods)
        return next((pod for pod in pods if (pod.plan.key.namespace, pod.life.name) == key[1:]), None)

    def _heard(self, change: Change) -> None:
        """Follow what others do to revisions, pods, and what pods are made of."""
        kind, metadata = kind_of(change.object), change.object["metadata"]
        if kind is REVISION and change.type == "DELETED":
            self._end(key_of_revision(change.object), change.object["metadata"]["uid"])
        elif kind is POD and (change.type == "DELETED" or "deletionTimestamp" in metadata):
            key = Key(POD, metadata["namespace"], metadata["name"])
            self._replace(key, metadata.get("deletionGracePeriodSeconds"))
        elif kind in {CONFIG_MAP, SECRET}:
            self._retry(metadata["namespace"])

    def _end(self, key: RevisionKey, uid: str = "") -> None:
        """Drain all pods of a revision, of this identity where one is named; another may take its name at once."""
        replicas = self._replicas.get(key)
        if replicas is None or uid not in {"", replicas.uid}:
            return
        del self._replicas[key]
        self._told.pop(key, None)
        if replicas.pods:
            self._ended.append(replicas)
        replicas.desired = 0
        for pod in replicas.wanted:
            pod.drain(lambda: self._before_drain(key))
        self._changed(key)

    def _replace(self, key: Key, grace_seconds: float | None) -> None:
        pod = self._pod(key)
        if pod and pod.draining:  # it may be told to go sooner
            pod.drain(None, grace_seconds)
        elif pod:
            revision = pod.plan.key
            self._replicas[revision].replace(pod, lambda: self._before_drain(revision), grace_seconds)

    def _retry(self, namespace: str) -> None:
        """Start the pods that lacked a ConfigMap or a Secret."""
        for revision, replicas in self._replicas.items():
            if revision.namespace == namespace:
                for pod in replicas.wanted:
                    if pod.life.waiting.reason in {"CreateContainerConfigError", "ContainerCreating", COMMAND_REFUSED}:
                        pod.start()


def _now() -> datetime:
    return datetime.now(UTC)
