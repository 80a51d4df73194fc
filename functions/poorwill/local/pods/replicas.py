"""The pods of one revision: as many as were asked for, and in Knative's words why there are none."""

from collections.abc import Awaitable, Callable

from poorwill.kinds.kind import Object
from poorwill.kinds.objects import is_true
from poorwill.local.fence import Fence
from poorwill.local.pods.failure import judge
from poorwill.local.pods.images import Images
from poorwill.local.pods.plan import Plan, plan
from poorwill.local.pods.pod import Ground, Pod
from poorwill.local.revision import Failure, RevisionState

RETRY_SECONDS = 1.0
"""How often a revision that was refused is looked at again: `poorwill image build` may have registered its image."""


class Replicas:
    """One revision's pods, the drained ones included until they are gone.

    Args:
        uid: of the revision; one that is made anew under the same name has pods of its own.
        ground: where pods run.
        images: what they may run.
        moved: called after each change of a pod, before `state` says so.
    """

    def __init__(self, uid: str, ground: Ground, images: Images, moved: Callable[["Replicas", Pod], None]) -> None:
        self.uid = uid
        self.pods: list[Pod] = []
        self.desired = 0
        self._ground = ground
        self._images = images
        self._moved = moved
        self._failure: Failure | None = None
        self._refused: Object | None = None  # the revision, while nothing may run for it
        self._ask_at = 0.0
        self._fence = Fence("a pod's beat")
        self._achieved = False
        self._overdue_at: float | None = None

    @property
    def wanted(self) -> list[Pod]:
        """Return the pods that are not on their way out, oldest first."""
        return [pod for pod in self.pods if not pod.draining]

    @property
    def due(self) -> bool:
        """Return whether there may be something to do at the next beat."""
        return bool(self.pods) or self._refused is not None

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
            self._fill(revision)
        newest = wanted[::-1]
        leaving = sorted(newest, key=lambda pod: pod.life.ready)[: max(0, len(wanted) - desired)]
        for pod in leaving:
            pod.drain(before)

    def replace(self, pod: Pod, before: Callable[[], Awaitable[None]], grace_seconds: float | None = None) -> None:
        """Drain a pod that somebody deleted, and start one in its place."""
        pod.drain(before, grace_seconds)
        if len(self.wanted) < self.desired:
            self._start(pod.plan, 1, first=False)

    def beat(self) -> None:
        """Do what is due now."""
        for pod in tuple(self.pods):
            with self._fence.around(pod.life.name):
                pod.beat()
        if self._refused is not None and self._ground.clock() >= self._ask_at:
            self._fill(self._refused)
        self.judge()

    def judge(self) -> None:
        """Say anew whether the revision is failed."""
        lives = [pod.life for pod in self.wanted]
        ready = any(life.ready for life in lives)
        self._achieved = self._achieved or ready
        overdue = self._overdue_at is not None and bool(lives) and self._ground.clock() >= self._overdue_at
        if self._refused is None:
            self._failure = judge(lives, self._failure, achieved=self._achieved, overdue=overdue)

    def _fill(self, revision: Object) -> None:
        """Start what is missing, or remember why nothing may run."""
        found = plan(revision, self._images)
        if isinstance(found, Failure):
            self._refused, self._failure = revision, found
            self._ask_at = self._ground.clock() + RETRY_SECONDS
            return
        if self._refused is not None:
            self._refused = self._failure = None
        wanted = len(self.wanted)
        if self.desired > wanted:
            self._start(found, self.desired - wanted, first=not wanted)

    def _start(self, found: Plan, count: int, *, first: bool) -> None:
        if first:
            self._overdue_at = self._ground.clock() + found.deadline_seconds
        for _ in range(count):
            pod = Pod(found, self._ground, found.template.new_name(), self._pod_moved)
            self.pods.append(pod)
            try:
                pod.start()
            except Exception:
                pod.drain(None)  # what has no process would count as one that starts
                raise

    def _pod_moved(self, pod: Pod) -> None:
        if pod.gone.is_set() and pod in self.pods:
            self.pods.remove(pod)
        self.judge()
        self._moved(self, pod)
