"""Measures what each revision carries, decides how many pods it wants, and has the fleet run as many."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from poorwill.kinds.autoscaling import autoscaling
from poorwill.kinds.kind import REVISION, Key, Object
from poorwill.kinds.objects import annotations
from poorwill.local.control.control import Control
from poorwill.local.control.revision import is_reachable, was_started
from poorwill.local.fence import Fence
from poorwill.local.path.backend import DataPath, Measure
from poorwill.local.pods.fleet import Fleet
from poorwill.local.pods.plan import key_of_revision
from poorwill.local.revision import RevisionKey
from poorwill.local.scaling.scaler import Decision, Scaler
from poorwill.local.state import State

MEASURE_SECONDS = 1.0
TICK_MEASURES = 2
"""A decision every two seconds, as Knative's tick-interval."""

POD_LIMIT = 110
"""Pods of one revision at the most, as many as kubelet has of all on a node; what is wished for beyond stays a wish."""

_NOTHING = Measure(0.0, 0)
_UNKNOWN = -1


@dataclass
class _Tracked:
    """A revision that is scaled."""

    uid: str
    wanted: int = 0  # pods the fleet was last asked for; unknown where it could not do that


class Autoscaler:
    """Keeps the fleet at what the scaler decides: at each tick, and at once for a request that finds nobody awake."""

    def __init__(self, state: State, control: Control, fleet: Fleet, scaler: Scaler) -> None:
        self._state = state
        self._control = control
        self._fleet = fleet
        self._scaler = scaler
        self._tracked: dict[RevisionKey, _Tracked] = {}
        self._fence = Fence("scaling a revision")
        self._measuring = Fence("measuring all revisions")

    def revisions_changed(self, keys: Collection[Key] | None = None) -> None:
        """Take note of which revisions there are, of these or of all, and which of them a route reaches."""
        revisions = {key_of_revision(revision): revision for revision in self._control.revisions(keys)}
        for key in tuple(self._tracked) if keys is None else [RevisionKey(*key[1:]) for key in keys]:
            tracked = self._tracked.get(key)
            if tracked and (key not in revisions or revisions[key]["metadata"]["uid"] != tracked.uid):
                self._scaler.forget(key)
                del self._tracked[key]
        for key, revision in revisions.items():
            with self._fence.around(key):
                self._track(key, revision)

    def demanded(self, key: RevisionKey) -> None:
        """Take a request that found no pod."""
        if key in self._tracked:
            with self._fence.around(key):
                self._follow(key, self._scaler.poke(key))

    def pods_changed(self, key: RevisionKey) -> None:
        """Take note of pods that got ready, or are no more."""
        if key in self._tracked:
            with self._fence.around(key):
                self._follow(key, self._scaler.observe(key, self._ready(key)))

    async def run(self, path: DataPath) -> None:
        """Measure each second and decide at every other one, until cancelled."""
        while True:
            for _ in range(TICK_MEASURES):
                await asyncio.sleep(MEASURE_SECONDS)
                with self._measuring.around("measure"):
                    self._record(path.measure())
            with self._measuring.around("tick"):
                self._decide()

    def _decide(self) -> None:
        for key, decision in self._scaler.tick({key: self._ready(key) for key in self._tracked}).items():
            with self._fence.around(key):
                self._follow(key, decision)

    def _track(self, key: RevisionKey, revision: Object) -> None:
        rules = autoscaling(annotations(revision), revision["spec"].get("containerConcurrency", 0))
        self._scaler.track(
            key,
            rules,
            reachable=is_reachable(revision),
            last_wanted=0 if was_started(revision) else None,
        )
        if key not in self._tracked:
            self._tracked[key] = _Tracked(revision["metadata"]["uid"])
            self._follow(key, self._scaler.observe(key, 0))

    def _record(self, measures: Mapping[RevisionKey, Measure]) -> None:
        for key, tracked in self._tracked.items():
            measure = measures.get(key, _NOTHING)
            if tracked.wanted or measure.requests or measure.concurrency:
                self._scaler.record(key, measure.concurrency, measure.requests / MEASURE_SECONDS)

    def _follow(self, key: RevisionKey, decision: Decision) -> None:
        tracked, wanted = self._tracked[key], min(decision.wanted, POD_LIMIT)
        if wanted == tracked.wanted:
            return
        revision = self._state.get(Key(REVISION, key.namespace, key.name))
        if revision is None or revision["metadata"]["uid"] != tracked.uid:
            return
        if wanted < tracked.wanted and self._is_refused(key) and not was_started(revision):
            self._scaler.forget(key)  # its time to get ready begins when it may run
            self._track(key, revision)
            return
        tracked.wanted = wanted  # before: the fleet tells of its pods while it starts them
        try:
            self._fleet.scale(revision, wanted)
        except Exception:
            tracked.wanted = _UNKNOWN  # so that the next decision is followed, whatever it is
            raise

    def _is_refused(self, key: RevisionKey) -> bool:
        pods = self._fleet.state(key)
        return bool(pods and pods.failure and pods.failure.reason == "ContainerMissing")

    def _ready(self, key: RevisionKey) -> int:
        pods = self._fleet.state(key)
        return len(pods.ready) if pods else 0
