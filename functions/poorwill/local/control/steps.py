"""One step for one object: reads what its reconciler looks at, and does what that plans."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from poorwill.kinds.kind import (
    BROKER,
    CONFIGURATION,
    JOB,
    JOB_SINK,
    NAMESPACE,
    PING_SOURCE,
    PLACEHOLDER,
    POD,
    REVISION,
    ROUTE,
    SEQUENCE,
    SERVICE,
    TRIGGER,
    Key,
    Kind,
    Object,
    key_of,
    kind_of,
)
from poorwill.local.control import (
    broker,
    configuration,
    events,
    job,
    job_sink,
    labeler,
    namespaces,
    ping_source,
    pod_notes,
    retention,
    revision,
    route,
    sequence,
    service,
    trigger,
)
from poorwill.local.control.collector import Collector
from poorwill.local.control.destinations import Scene
from poorwill.local.control.hosts import Hosts
from poorwill.local.control.index import Index
from poorwill.local.control.labels import ROUTE_FINALIZER, is_terminating
from poorwill.local.control.plan import Note, Plan
from poorwill.local.job_run import JobRun
from poorwill.local.revision import RevisionKey, RevisionState
from poorwill.local.state import State

Clock = Callable[[], datetime]
Pods = Callable[[RevisionKey], RevisionState | None]
"""Tells how the pods of a revision are; None where it was never given any."""

Runs = Callable[[Key], JobRun | None]
"""Tells what runs of a Job; None where nobody took it up yet."""


_EVENTING: dict[Kind, Callable[[Object, Scene, str], Plan]] = {
    BROKER: broker.reconcile,
    TRIGGER: trigger.reconcile,
    SEQUENCE: sequence.reconcile,
    JOB_SINK: job_sink.reconcile,
    PING_SOURCE: ping_source.reconcile,
}


class Ground(NamedTuple):
    """What is outside of the objects: how pods are, what images are, where the gateway is, and when it is."""

    pods: Pods
    pinned: revision.Pinned
    hosts: Hosts
    clock: Clock
    runs: Runs


class Steps:
    """The steps for all kinds that have one."""

    def __init__(self, state: State, index: Index, ground: Ground) -> None:
        self._state = state
        self._index = index
        self._ground = ground
        self._collector = Collector(state, index)
        self._of: dict[Kind, Callable[[Object], None]] = {
            NAMESPACE: lambda obj: namespaces.reconcile(state, obj),
            SERVICE: self._service,
            CONFIGURATION: self._configuration,
            REVISION: self._revision,
            ROUTE: self._route,
            POD: self._pod,
            JOB: self._job,
            **dict.fromkeys(_EVENTING, self._eventing),
        }

    def take(self, key: Key) -> None:
        """Bring one object a step further, or let it go."""
        obj = self._state.get(key)
        if obj is None:
            return
        ends = is_terminating(obj)
        if key.kind in self._of and (key.kind is NAMESPACE or not ends):
            self._of[key.kind](obj)
        if ends and (live := self._state.get(key)):  # a namespace that was emptied may be gone already
            self._let_go(live)

    def gone(self, uid: str) -> None:
        """Do what is left to do for those that an object owned which is gone."""
        self._collector.gone(uid)

    def check_owners(self, key: Key) -> None:
        """Delete an object whose owners went while nobody looked."""
        self._collector.look(key)

    def _find(self, kind: Kind, near: Object, name: str) -> Object | None:
        return self._state.get(Key(kind, near["metadata"]["namespace"], name)) if name else None

    def _now(self) -> str:
        return self._ground.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _service(self, obj: Object) -> None:
        name = obj["metadata"]["name"]
        own = self._find(CONFIGURATION, obj, name)
        plan = service.reconcile(
            obj,
            configuration=own,
            route=self._find(ROUTE, obj, name),
            named=self._find(REVISION, obj, configuration.own_revision_name(own) if own else ""),
            now=self._now(),
        )
        self._do(obj, plan, "service-controller")

    def _configuration(self, obj: Object) -> None:
        found = map(self._state.get, self._index.owned(obj["metadata"]["uid"]))
        revisions = [each for each in found if each is not None]
        named = self._find(REVISION, obj, configuration.revision_name(obj))
        plan = configuration.reconcile(obj, revisions=revisions, named=named, now=self._now())
        self._do(obj, plan, "configuration-controller")
        if len(revisions) > retention.KEPT:
            for each in retention.stale(obj, revisions, self._ground.clock()):
                self._state.delete(key_of(each))

    def _revision(self, obj: Object) -> None:
        metadata = obj["metadata"]
        pods = self._ground.pods(RevisionKey(metadata["namespace"], metadata["name"]))
        plan = revision.reconcile(obj, state=pods, pinned=self._ground.pinned, now=self._now())
        self._do(obj, plan, "revision-controller")

    def _route(self, obj: Object) -> None:
        finalizers = obj["metadata"].get("finalizers", [])
        if ROUTE_FINALIZER not in finalizers:
            obj = self._finalizers(obj, [*finalizers, ROUTE_FINALIZER])
        owned = self._index.owned(obj["metadata"]["uid"])
        held = [key for key in owned if key.kind is PLACEHOLDER]
        plan = route.reconcile(obj, find=self._state.get, held=held, hosts=self._ground.hosts, now=self._now())
        self._do(obj, plan, "route-controller")
        self._label(obj)

    def _eventing(self, obj: Object) -> None:
        kind = kind_of(obj)
        plan = _EVENTING[kind](obj, Scene(self._state.get, self._ground.hosts.domain), self._now())
        self._do(obj, plan, f"{kind.singular}-controller")

    def _label(self, obj: Object) -> None:
        key = key_of(obj)
        live = self._state.get(key)
        if live is not None:
            marked = self._index.marked(key.namespace, key.name)
            for changed in labeler.reconcile(live, find=self._state.get, marked=marked, now=self._now()):
                self._state.update(changed)

    def _pod(self, obj: Object) -> None:
        for note, times in pod_notes.notes(obj):
            events.record(self._state, obj, note, component="kubelet", now=self._ground.clock(), count=times)

    def _job(self, obj: Object) -> None:
        plan = job.reconcile(obj, run=self._ground.runs(key_of(obj)), now=self._now())
        self._do(obj, plan, "job-controller")

    def _let_go(self, obj: Object) -> None:
        finalizers = obj["metadata"].get("finalizers", [])
        if ROUTE_FINALIZER in finalizers and key_of(obj).kind is ROUTE:
            self._label(obj)
            obj = self._finalizers(obj, [name for name in finalizers if name != ROUTE_FINALIZER])
        if self._state.get(key_of(obj)) is not None:
            self._collector.finalize(obj)

    def _finalizers(self, obj: Object, finalizers: list[str]) -> Object:
        changed = self._state.update({**obj, "metadata": {**obj["metadata"], "finalizers": finalizers}})
        note = Note("Normal", "FinalizerUpdate", f'Updated "{obj["metadata"]["name"]}" finalizers')
        self._note(changed, note, "route-controller")
        return changed

    def _do(self, obj: Object, plan: Plan, component: str) -> None:
        for wanted in plan.writes:
            if "uid" in wanted["metadata"]:
                self._state.update(wanted)
            else:
                self._state.create(wanted)
        for key in plan.deletes:
            self._state.delete(key)
        live = self._state.get(key_of(obj))
        if plan.status is not None and live is not None and live.get("status") != plan.status:
            self._state.update({**live, "status": plan.status}, status=True)
        for note in plan.notes:
            self._note(obj, note, component)

    def _note(self, obj: Object, note: Note, component: str) -> None:
        events.record(self._state, obj, note, component=component, now=self._ground.clock())
