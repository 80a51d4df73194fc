"""The pods of one revision: as many as were asked for, and in Knative's words why there are none."""

import secrets
from collections.abc import Awaitable, Callable

from poorwill.kinds.kind import Object
from poorwill.kinds.objects import is_true
from poorwill.local.pods.failure import judge
from poorwill.local.pods.images import Images
from poorwill.local.pods.plan import Plan, plan
from poorwill.local.pods.pod import Ground, Pod
from poorwill.local.pods.pod_object import name_prefix
from poorwill.local.revision import Failure, RevisionState

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # k8s.io/apimachinery/pkg/util/rand
_LONGEST_PREFIX = 58


class Replicas:
    """One revision's pods, the drained ones included until they are gone.

    Args:
        ground: where pods run.
        images: what they may run.
        moved: called after each change of a pod, before `state` says so.
    """

    def __init__(self, ground: Ground, images: Images, moved: Callable[["Replicas", Pod], None]) -> None:
        self.pods: list[Pod] = []
        self.desired = 0
        self.ended = False  # its revision is deleted
        self._ground = ground
        self._images = images
        self._moved = moved
        self._failure: Failure | None = None
        self._refused = False
        self._achieved = False
        self._overdue_at: float | None = None

    @property
    def wanted(self) -> list[Pod]:
        """Return the pods that are not on their way out, oldest first."""
        return [pod for pod in self.pods if not pod.draining]

    def state(self) -> RevisionState:
        """Return what runs now."""
        wanted = self.wanted
        ready = tuple(endpoint for pod in wanted if (endpoint := pod.endpoint))
        return RevisionState(self.desired, ready, len(wanted) - len(ready), self._failure)

    def scale(self, revision: Object, desired: int, before: Callable[[], Awaitable[None]]) -> None:
        """Start what is missing, at once; drain what is too much: what isn't ready first, then the newest."""
        self.desired = desired
        self._achieved = self._achieved or is_true(revision, "ResourcesAvailable")
        wanted = self.wanted
        if desired > len(wanted):
            found = plan(revision, self._images)
            self._refused = isinstance(found, Failure)
            if isinstance(found, Failure):
                self._failure = found
            else:
                self._start(found, desired - len(wanted), first=not wanted)
        newest = wanted[::-1]
        leaving = sorted(newest, key=lambda pod: pod.life.ready)[: max(0, len(wanted) - desired)]
        for pod in leaving:
            pod.drain(before)

    def replace(self, pod: Pod, before: Callable[[], Awaitable[None]]) -> None:
        """Drain a pod that somebody deleted, and start one in its place."""
        pod.drain(before)
        if len(self.wanted) < self.desired:
            self._start(pod.plan, 1, first=False)

    def beat(self) -> None:
        """Do what is due now."""
        for pod in tuple(self.pods):
            pod.beat()
        self.judge()

    def judge(self) -> None:
        """Say anew whether the revision is failed."""
        lives = [pod.life for pod in self.wanted]
        ready = any(life.ready for life in lives)
        self._achieved = self._achieved or ready
        overdue = self._overdue_at is not None and bool(lives) and self._ground.clock() >= self._overdue_at
        if not self._refused:
            self._failure = judge(lives, self._failure, achieved=self._achieved, overdue=overdue)

    def _start(self, found: Plan, count: int, *, first: bool) -> None:
        if first:
            self._overdue_at = self._ground.clock() + found.deadline_seconds
        prefix = name_prefix(found.revision)[:_LONGEST_PREFIX]
        for _ in range(count):
            name = prefix + "".join(secrets.choice(_LETTERS) for _ in range(5))
            pod = Pod(found, self._ground, name, self._pod_moved)
            self.pods.append(pod)
            pod.start()

    def _pod_moved(self, pod: Pod) -> None:
        if pod.gone.is_set() and pod in self.pods:
            self.pods.remove(pod)
        self.judge()
        self._moved(self, pod)
