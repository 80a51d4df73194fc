"""All revisions at once: what is measured goes in, how many pods each shall have comes out."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from poorwill.kinds.autoscaling import Autoscaling
from poorwill.local.revision import RevisionKey
from poorwill.local.scaling.decision import Load, Panic, activators, excess_burst, first_excess_burst, suggest
from poorwill.local.scaling.defaults import KNATIVE, Defaults
from poorwill.local.scaling.meter import Meter
from poorwill.local.scaling.policy import Policy, policy
from poorwill.local.scaling.standing import UNKNOWN, Activity, Hold, Reason, Standing, first_standing
from poorwill.local.scaling.to_zero import Seen, settle
from poorwill.local.scaling.window import Highest


class Decision(NamedTuple):
    """What shall be for one revision, and what its statuses say of it."""

    wanted: int
    """Pods to run now."""
    excess_burst: int
    """What the ready pods could take over the burst they must be prepared for; below zero the activator stays."""
    activity: Activity
    """The status of the condition Active."""
    reason: Reason
    """Of the condition Active; its message is reason.message."""
    desired: int
    """status.desiredReplicas: 0 while the last pod is kept for a grace, -1 before the first decision."""
    proxied: bool
    """Whether the activator belongs into the path even where pods are ready."""
    initialized: bool
    """Whether the initial scale was once reached."""
    panic: bool
    """Whether a surge forbids to scale down."""
    hold: Hold
    """Why pods are kept though no load wants them."""
    activators: int
    """As many as Knative would put into the path."""
    load: Load | None
    """What this follows from; None before anything was measured."""

    @property
    def active(self) -> bool:
        """Tell whether enough pods are ready."""
        return self.activity is Activity.ACTIVE


class Scaler:
    """Knative's autoscaler for all revisions of the twin; it holds no task and reads no clock but the one given."""

    def __init__(self, clock: Callable[[], float], defaults: Defaults = KNATIVE) -> None:
        """Decide by a clock in seconds that never goes back."""
        self._clock = clock
        self._defaults = defaults
        self._revisions: dict[RevisionKey, _Revision] = {}

    def track(
        self,
        key: RevisionKey,
        autoscaling: Autoscaling,
        *,
        reachable: bool,
        last_wanted: int | None = None,
    ) -> None:
        """Scale this revision from now on; say again when its reachability changes.

        Args:
            key: which revision.
            autoscaling: what its annotations say; they never change in the life of a revision.
            reachable: whether a route names it.
            last_wanted: pods it was given before a restart, 0 for one that sleeps; None for a new revision.
        """
        rules = policy(autoscaling, self._defaults, reachable=reachable)
        if key in self._revisions:
            self._revisions[key].policy = rules
        else:
            self._revisions[key] = _Revision(rules, self._defaults, last_wanted, self._clock())

    def forget(self, key: RevisionKey) -> None:
        """Scale this revision no more; one that was never tracked is fine."""
        self._revisions.pop(key, None)

    def record(self, key: RevisionKey, concurrency: float, requests_per_second: float) -> None:
        """Take what a revision carried in the last second; to be called once a second for every one, also with zeros.

        Args:
            key: which revision; one that is not tracked is ignored, as its last requests may outlive it.
            concurrency: requests in flight on average, held ones too.
            requests_per_second: that came.
        """
        if revision := self._revisions.get(key):
            revision.record(self._clock(), concurrency, requests_per_second)

    def poke(self, key: RevisionKey) -> Decision:
        """Take a request that came for a revision without pods, and decide at once where it sleeps.

        Any further one before the next `record` changes nothing. Raises KeyError for a revision that is not tracked.
        """
        return self._revisions[key].poke(self._clock())

    def observe(self, key: RevisionKey, ready: int) -> Decision:
        """Take a change of how many pods are ready, between two ticks. Raises KeyError as `poke` does."""
        return self._revisions[key].observe(self._clock(), ready)

    def tick(self, ready: Mapping[RevisionKey, int]) -> dict[RevisionKey, Decision]:
        """Decide for every tracked revision, given its ready pods; to be called every `decision_period_seconds`."""
        now = self._clock()
        return {key: revision.tick(now, ready.get(key, 0)) for key, revision in self._revisions.items()}


class _Revision:
    """What is remembered of one revision between two decisions."""

    def __init__(self, rules: Policy, defaults: Defaults, last_wanted: int | None, now: float) -> None:
        self.policy = rules
        self._meter = Meter(rules)
        self._delay = (
            Highest(rules.scale_down_delay_seconds, defaults.decision_period_seconds)
            if rules.scale_down_delay_seconds
            else None
        )
        self._panic = Panic()
        self._load: Load | None = None
        # Knative forgets in a restart that a revision sleeps, and its first request waits for the next tick
        self._seen = Seen(0 if last_wanted == 0 else UNKNOWN, first_excess_burst(rules), 0)
        self._standing: Standing = first_standing(rules, last_wanted, now)
        # of a revision that sleeps, with what it follows from: time alone changes nothing, and most may sleep
        self._asleep: tuple[tuple[Policy, Seen, Load | None], Decision] | None = None

    def record(self, now: float, concurrency: float, requests_per_second: float) -> None:
        self._meter.record(now, concurrency, requests_per_second, ready=self._seen.ready)

    def poke(self, now: float) -> Decision:
        self._meter.first_request(now)
        if self._seen.wanted == 0:
            self._decide(now)
        return self._settled(now)

    def observe(self, now: float, ready: int) -> Decision:
        self._seen = self._seen._replace(ready=ready)
        return self._settled(now)

    def tick(self, now: float, ready: int) -> Decision:
        self._seen = self._seen._replace(ready=ready)
        self._decide(now)
        return self._settled(now)

    def _decide(self, now: float) -> None:
        self._load = load = self._meter.load(now)
        if load is None:
            return
        ready = self._seen.ready
        wanted, self._panic = suggest(self.policy, load, ready, self._panic, now)
        if self._delay and self.policy.reachable:
            wanted = self._delay.record(now, wanted)
        self._seen = Seen(wanted, excess_burst(self.policy, load.panic, ready), ready)

    def _settled(self, now: float) -> Decision:
        grounds = (self.policy, self._seen, self._load)
        if self._asleep is None or self._asleep[0] != grounds:
            decision = self._settle(now)
            resting = decision.wanted == 0 and decision.activity is Activity.INACTIVE
            self._asleep = (grounds, decision) if resting else None
            return decision
        return self._asleep[1]

    def _settle(self, now: float) -> Decision:
        self._standing = standing = settle(self.policy, self._standing, self._seen, now)
        return Decision(
            wanted=standing.pods,
            excess_burst=self._seen.excess_burst,
            activity=standing.activity,
            reason=standing.reason,
            desired=standing.desired,
            proxied=standing.proxied,
            initialized=standing.initialized,
            panic=self._panic.since is not None,
            hold=standing.hold,
            activators=activators(self.policy, self._seen.ready),
            load=self._load,
        )
