"""One Job at work: its pods, how they ended, and when the next may start."""

from collections.abc import Callable

from poorwill.kinds.kind import Key, Object, key_of
from poorwill.local.control.job import is_finished, wanted_pods
from poorwill.local.job_run import JobRun
from poorwill.local.jobs.job_plan import job_plan
from poorwill.local.pods.images import COMMAND_REFUSED, Images
from poorwill.local.pods.pod import Ground, Pod
from poorwill.local.revision import Failure

_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 10.0, 600.0
"""Between a pod that failed and the next one (pkg/controller/job/job_controller.go)."""

_RETRY_SECONDS = 1.0
"""How often an image is looked for again: `poorwill image build` may have registered it."""

_MISSING_IMAGE = "ContainerMissing"


class Run:
    """What runs of one Job.

    Args:
        job: as it was when a twin took it up: what it says of earlier pods is counted on.
        ground: where pods run.
        images: what they may run.
        moved: called after each change of a pod, when `state` says so.
    """

    def __init__(self, job: Object, ground: Ground, images: Images, moved: Callable[["Run", Pod], None]) -> None:
        status = job.get("status") or {}
        self.key: Key = key_of(job)
        self.uid: str = job["metadata"]["uid"]
        self._ground = ground
        self._images = images
        self._moved = moved
        self._pods: dict[str, Pod] = {}
        self._succeeded: int = status.get("succeeded", 0)
        self._failed: int = status.get("failed", 0)
        self._failures = 0  # since one succeeded
        self._next_at = 0.0
        self._counted: set[str] = set()
        self._missing = ""
        self._failure: Failure | None = None
        self._counting = True

    @property
    def is_over(self) -> bool:
        """Return whether nothing of it runs, or is on its way out."""
        return all(pod.life.over for pod in self._pods.values())

    def state(self) -> JobRun:
        """Return what runs now, and how the others ended."""
        active = self._active()
        ready = sum(pod.life.ready for pod in active)
        retries = sum(pod.life.restarts for pod in active)
        return JobRun(len(active), ready, self._succeeded, self._failed, retries, self._missing, self._failure)

    def has(self, name: str) -> bool:
        """Return whether a pod is this Job's."""
        return name in self._pods

    def follow(self, job: Object) -> None:
        """Start what is missing, where its wait is over; end what is too much."""
        self._counting = not (is_finished(job) or job["spec"].get("suspend"))
        wanted, active = wanted_pods(job, self.state()), self._active()
        for pod in active[wanted:]:
            pod.drain(None)
        if len(active) < wanted and self._ground.clock() >= self._next_at:
            self._start(job, wanted - len(active))

    def retry(self) -> None:
        """Start the pods that lacked a ConfigMap or a Secret."""
        for pod in self._active():
            if pod.life.waiting.reason in {"CreateContainerConfigError", "ContainerCreating", COMMAND_REFUSED}:
                pod.start()

    def drop(self, name: str, grace_seconds: float | None) -> None:
        """End a pod that somebody deleted, or forget it with its log where it has ended."""
        self._pods[name].drain(None, grace_seconds)

    def stop(self, grace_seconds: float | None = None) -> list[Pod]:
        """End what runs, which counts as no failure; return the pods that are about to go."""
        self._counting = False
        leaving = [pod for pod in self._pods.values() if grace_seconds is None or not pod.life.over]
        for pod in leaving:
            pod.drain(None, grace_seconds)
        return leaving

    def beat(self) -> None:
        """Do what is due now."""
        for pod in tuple(self._pods.values()):
            pod.beat()

    def _active(self) -> list[Pod]:
        return [pod for pod in self._pods.values() if not pod.draining and not pod.life.over]

    def _start(self, job: Object, count: int) -> None:
        found = job_plan(job, self._images)
        if isinstance(found, Failure):
            self._next_at = self._ground.clock() + _RETRY_SECONDS
            if found.reason == _MISSING_IMAGE:
                self._missing = found.message
            else:
                self._failure = found
            return
        self._missing = ""
        for _ in range(count):
            pod = Pod(found, self._ground, found.template.new_name(), self._pod_moved)
            self._pods[pod.life.name] = pod
            pod.start()

    def _pod_moved(self, pod: Pod) -> None:
        name, gone = pod.life.name, pod.gone.is_set()
        if (pod.life.over or gone) and name not in self._counted:
            self._counted.add(name)
            self._count(pod)
        if gone:
            self._pods.pop(name, None)
        self._moved(self, pod)

    def _count(self, pod: Pod) -> None:
        if not self._counting:
            return
        if pod.life.over and pod.life.last and not pod.life.last.exit_code:
            self._succeeded += 1
            self._failures = 0
            return
        self._failed += 1
        self._failures += 1
        wait_seconds = min(_FIRST_WAIT_SECONDS * 2 ** (self._failures - 1), _LONGEST_WAIT_SECONDS)
        self._next_at = self._ground.clock() + wait_seconds
