"""The pods of all Jobs: started until enough of them succeed, each kept with its log until its Job is deleted."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from poorwill.kinds.kind import CONFIG_MAP, JOB, POD, SECRET, Key, Object, key_of, named
from poorwill.kinds.objects import owner
from poorwill.local.control.job import deadline_passed, finished_at
from poorwill.local.fence import Fence
from poorwill.local.job_run import JobRun
from poorwill.local.jobs.run import Run
from poorwill.local.pods import limits
from poorwill.local.pods.fleet import STOP_SECONDS
from poorwill.local.pods.images import Images
from poorwill.local.pods.pod import Ground, Pod
from poorwill.local.pods.process import end_strays
from poorwill.local.pods.records import Records
from poorwill.local.state import Change, State


class Jobs:
    """Runs the Jobs of a state: those that a killed twin left at work are begun anew, as after a node's death.

    Args:
        ground: where pods run; its folder is for logs, which outlive the twin.
        state: whose Jobs are run and where Pods are written.
        images: what may run.
        changed: called after each change of what runs of a Job; must not block.
    """

    def __init__(self, ground: Ground, state: State, images: Images, changed: Callable[[Key], None]) -> None:
        ground.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._ground = ground._replace(folder=ground.folder.resolve())
        end_strays(self._ground.folder)
        self._state = state
        self._images = images
        self._changed = changed
        self._runs: dict[str, Run] = {}
        self._records = Records(state, ground.now)
        self._fence = Fence("a Job's beat")
        self._heart: asyncio.Task[None] | None = None
        self._sweep()
        self._unsubscribe = state.subscribe(self._heard)

    def start(self) -> None:
        """Take up all Jobs that are not at their end."""
        for job in self._state.list(JOB):
            self._look(key_of(job))

    def state(self, key: Key) -> JobRun | None:
        """Return what runs of a Job, None where nobody looked at it yet."""
        job = self._state.get(key)
        run = self._runs.get(job["metadata"]["uid"]) if job else None
        return run.state() if run else None

    def log(self, namespace: str, pod: str, container: str, previous: bool = False) -> Path | None:
        """Return the file with a container's output, or that before its last restart; None where there is none."""
        found = self._state.get(Key(POD, namespace, pod))
        if found is None or found["spec"]["containers"][0]["name"] != container:
            return None
        logs = sorted((int(path.stem), path) for path in self._folder(found).glob("*.log") if path.stem.isdecimal())
        return logs[-1 - previous][1] if len(logs) > previous else None

    async def stop(self, grace_seconds: float = STOP_SECONDS) -> None:
        """End what runs; the next twin begins it anew."""
        self._unsubscribe()
        if self._heart:
            self._heart.cancel()
        pods = [pod for run in self._runs.values() for pod in run.stop(grace_seconds)]
        ending = asyncio.get_running_loop().create_task(self._beat_until_cancelled())
        await asyncio.gather(*(pod.gone.wait() for pod in pods))
        ending.cancel()
        self._records.write()

    def beat(self) -> None:
        """Do what is due now: starts after a backoff, ends of graces and of Jobs' times, memory limits."""
        for run in tuple(self._runs.values()):
            with self._fence.around(run.key):
                run.beat()
                self._look(run.key)
                job = self._state.get(run.key)
                if job is not None and deadline_passed(job, self._ground.now()):
                    self._changed(run.key)

    def _look(self, key: Key) -> None:
        """Have as many pods as a Job wants now, and none where it is at its end."""
        job = self._state.get(key)
        if job is None or "deletionTimestamp" in job["metadata"]:
            return
        end, uid = finished_at(job), job["metadata"]["uid"]
        if end is not None:
            self._let_rest(job, end)
        elif uid not in self._runs:
            self._runs[uid] = Run(job, self._ground, self._images, self._moved)
        run = self._runs.get(uid)
        if run is None:
            return
        before = run.state()
        run.follow(job)
        if run.state() != before:
            self._changed(key)
        if end is not None and run.is_over:  # what is left of it are objects and logs
            del self._runs[uid]
        self._keep_beating()

    def _let_rest(self, job: Object, end: datetime) -> None:
        """Delete a Job that has been at its end for as long as it asks, now or then."""
        kept_seconds: int | None = job["spec"].get("ttlSecondsAfterFinished")
        if kept_seconds is None:
            return
        left_seconds = kept_seconds - (self._ground.now() - end).total_seconds()
        if left_seconds <= 0:
            self._state.delete(key_of(job))
        else:
            asyncio.get_running_loop().call_later(left_seconds, self._look, key_of(job))

    def _moved(self, run: Run, pod: Pod) -> None:
        self._records.note(pod)
        if pod.life.over:
            self._records.write()  # a Job is not complete before its pod has succeeded
        if run.uid in self._runs:
            self._changed(run.key)
            self._keep_beating()

    def _keep_beating(self) -> None:
        if self._heart is None:
            self._heart = asyncio.get_running_loop().create_task(self._beat())

    async def _beat(self) -> None:
        """Beat while there is something to do; a twin whose Jobs are all at their ends does nothing."""
        while self._runs:
            await asyncio.sleep(limits.PERIOD_SECONDS)
            self.beat()
        self._heart = None

    async def _beat_until_cancelled(self) -> None:
        while True:
            for run in self._runs.values():
                run.beat()
            await asyncio.sleep(limits.PERIOD_SECONDS)

    def _heard(self, change: Change) -> None:
        """Follow what others do to Jobs, pods, and what pods are made of."""
        key, metadata = key_of(change.object), change.object["metadata"]
        if key.kind is JOB and (change.type == "DELETED" or "deletionTimestamp" in metadata):
            self._end(metadata["namespace"], metadata["uid"])
        elif key.kind is JOB:
            self._look(key)
        elif key.kind is POD and (change.type == "DELETED" or "deletionTimestamp" in metadata):
            self._drop(change.object, gone=change.type == "DELETED")
        elif key.kind in {CONFIG_MAP, SECRET}:
            for run in self._runs.values():
                if run.key.namespace == key.namespace:
                    run.retry()

    def _end(self, namespace: str, uid: str) -> None:
        """End a Job's pods and forget them with their logs."""
        run = self._runs.pop(uid, None)
        if run:
            run.stop()
        for pod in self._state.list(POD, namespace):
            if (owner(pod) or {}).get("uid") == uid and (run is None or not run.has(pod["metadata"]["name"])):
                self._state.delete(key_of(pod))

    def _drop(self, pod: Object, *, gone: bool) -> None:
        for run in self._runs.values():
            if run.has(pod["metadata"]["name"]):
                run.drop(pod["metadata"]["name"], pod["metadata"].get("deletionGracePeriodSeconds"))
                return
        if gone and self._is_ours(pod):
            shutil.rmtree(self._folder(pod), ignore_errors=True)

    def _sweep(self) -> None:
        """Remove the logs of pods that are no more."""
        kept = {self._folder(pod) for pod in self._state.list(POD) if self._is_ours(pod)}
        for folder in self._folders():
            if folder not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    def _folders(self) -> Iterator[Path]:
        yield from self._ground.folder.glob("*/*")

    def _folder(self, pod: Object) -> Path:
        metadata = pod["metadata"]
        return self._ground.folder.joinpath(metadata["namespace"], metadata["name"])

    def _is_ours(self, pod: Object) -> bool:
        maker = owner(pod) or {}
        return named(str(maker.get("apiVersion")), str(maker.get("kind"))) is JOB
