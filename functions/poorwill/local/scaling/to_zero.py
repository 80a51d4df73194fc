"""From what a decision wants to how many pods are run: bounds, first scale, and the walk to zero and back.

From knative/serving pkg/reconciler/autoscaling/kpa: scaler.go and kpa.go. Before the last pod goes Knative also probes
that its ingress has the activator in the path. Here that can't be otherwise: a table is published by a call that
returns when every new request follows it. The grace period, which is for the same thing, is kept all the same.
"""

from typing import NamedTuple

from poorwill.local.scaling.policy import Policy
from poorwill.local.scaling.standing import UNKNOWN, Activity, Hold, Reason, Standing


class Seen(NamedTuple):
    """What a revision's standing follows from."""

    wanted: int
    """By the last decision; UNKNOWN before it."""
    excess_burst: int
    ready: int


class _Step(NamedTuple):
    """How many pods are desired now, and whether to run so many already."""

    desired: int
    applied: bool
    hold: Hold = Hold.NONE


def settle(policy: Policy, standing: Standing, seen: Seen, now: float) -> Standing:
    """Return where the revision stands once nothing more changes at this time."""
    while (settled := _reconcile(policy, standing, seen, now)) != standing:
        standing = settled
    return standing


def _reconcile(policy: Policy, standing: Standing, seen: Seen, now: float) -> Standing:
    step = _step(policy, standing, seen.wanted, now)
    proxied = step.desired <= 0 or seen.excess_burst < 0
    since = now if standing.backed_since is None else standing.backed_since
    unknown = step.desired == UNKNOWN and standing.desired >= 0  # a restart forgets the load, not the status
    pods = step.desired if step.applied else standing.pods
    standing = standing._replace(
        pods=pods,
        desired=standing.desired if unknown else step.desired,
        proxied=proxied,
        backed_since=since if proxied or seen.ready == 0 else None,
        hold=step.hold if pods else Hold.NONE,
    )
    return _judged(policy, standing, step.desired, seen.ready, now)


def _step(policy: Policy, standing: Standing, wanted: int, now: float) -> _Step:
    """Bound what is wanted, and walk to zero by steps."""
    activating = standing.activity is Activity.ACTIVATING
    if wanted == UNKNOWN and not activating:
        return _Step(UNKNOWN, applied=False)
    desired = _bounded(policy, wanted, initialized=standing.initialized)
    if desired > 0:
        return _Step(desired, applied=True)
    if not policy.scale_to_zero:
        return _Step(1, applied=True, hold=Hold.DISABLED)
    if activating:
        return _give_up(policy, now - standing.since)
    if standing.activity is Activity.ACTIVE:
        return _deactivate(policy, now - standing.since)
    return _end(policy, standing, now)


def _bounded(policy: Policy, wanted: int, *, initialized: bool) -> int:
    lowest = policy.min_scale
    if policy.initial_scale > 1 and policy.reachable and not initialized:
        lowest = max(lowest, policy.initial_scale)
    if wanted < lowest:
        return lowest
    return min(wanted, policy.max_scale) if policy.max_scale else wanted


def _give_up(policy: Policy, activating_seconds: float) -> _Step:
    """Let go of pods that never get ready, but only after their deadline."""
    if activating_seconds > policy.activation_timeout_seconds:
        return _Step(0, applied=True)
    return _Step(UNKNOWN, applied=False, hold=Hold.ACTIVATING)


def _deactivate(policy: Policy, active_seconds: float) -> _Step:
    """Take the pods out of the path, which is the first step to zero, or keep one until the window is over."""
    if active_seconds >= policy.window_seconds:
        return _Step(0, applied=False, hold=Hold.GRACE)
    return _Step(1, applied=True, hold=Hold.WINDOW)


def _end(policy: Policy, standing: Standing, now: float) -> _Step:
    """Let the last pod go once nothing can reach it any more and its retention is over."""
    inactive_seconds = now - standing.since
    backed_seconds = 0.0 if standing.backed_since is None else now - standing.backed_since
    if inactive_seconds >= max(policy.grace_period_seconds, policy.retention_seconds):
        return _Step(0, applied=True)
    if inactive_seconds < policy.retention_seconds:
        return _Step(0, applied=False, hold=Hold.RETENTION)
    if backed_seconds >= policy.grace_period_seconds:
        return _Step(0, applied=True)
    return _Step(0, applied=False, hold=Hold.GRACE)


def _judged(policy: Policy, standing: Standing, desired: int, ready: int, now: float) -> Standing:
    """Return the standing with what the condition Active says of it."""
    needed = max(policy.min_scale, 1 if standing.initialized else policy.initial_scale)
    initialized = standing.initialized or ready >= needed
    activity, reason = _verdict(standing, desired, ready, needed)
    changed = (activity, reason) != (standing.activity, standing.reason)
    return standing._replace(
        initialized=initialized, activity=activity, reason=reason, since=now if changed else standing.since
    )


def _verdict(standing: Standing, desired: int, ready: int, needed: int) -> tuple[Activity, Reason]:
    if desired == 0 or needed == 0:
        timed_out = standing.activity is Activity.ACTIVATING and needed > 0
        return Activity.INACTIVE, Reason.TIMED_OUT if timed_out else Reason.NO_TRAFFIC
    if desired < 0 and standing.activity is Activity.INACTIVE:  # no load was measured since it went to sleep
        return Activity.INACTIVE, Reason.NO_TRAFFIC if ready < needed else standing.reason
    if ready < needed:
        return Activity.ACTIVATING, Reason.QUEUED
    return Activity.ACTIVE, Reason.NONE
