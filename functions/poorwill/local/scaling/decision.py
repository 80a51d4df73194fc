"""One decision: from what was measured to how many pods are wanted, before any bound and any walk to zero.

From Scale in knative/serving pkg/autoscaler/scaling/autoscaler.go.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from poorwill.local.scaling.policy import Policy


class Load(NamedTuple):
    """What a revision was measured to carry, in its metric's unit, averaged over both windows."""

    stable: float
    panic: float


class Panic(NamedTuple):
    """A surge, during which nothing is scaled down."""

    since: float | None = None
    """When the load was last over the threshold, in the clock's seconds; None where there is no panic."""
    peak: int = 0
    """The most pods that were wanted in this panic."""


class Suggestion(NamedTuple):
    """What a decision wants."""

    wanted: int
    panic: Panic


def suggest(policy: Policy, load: Load, ready: int, panic: Panic, now: float) -> Suggestion:
    """Return how many pods carry the load, and the panic that this leads to.

    Args:
        policy: how this revision is scaled.
        load: measured lately.
        ready: pods that take requests.
        panic: of the last decision.
        now: in the clock's seconds.
    """
    pods = max(1, ready)
    stable = _bounded(policy, load.stable, pods)
    if math.ceil(load.panic / policy.target) / pods >= policy.panic_threshold_ratio:
        panic = panic._replace(since=now)
    elif panic.since is not None and panic.since + policy.window_seconds < now:
        panic = Panic()
    if panic.since is None:
        return Suggestion(stable, panic)
    # the stable window can be the higher one, and what a panic has once reached stays
    panic = panic._replace(peak=max(stable, _bounded(policy, load.panic, pods), panic.peak))
    return Suggestion(panic.peak, panic)


def _bounded(policy: Policy, load: float, pods: int) -> int:
    """Return how many pods a load needs, no further from those that are ready than one decision may go."""
    needed = math.ceil(load / policy.target)
    highest = math.ceil(policy.max_scale_up_rate * pods)  # at least one more
    lowest = math.floor(pods / policy.max_scale_down_rate) if policy.reachable else 0
    bounded = min(max(needed, lowest), highest)
    return max(bounded, policy.activation_scale) if needed > 0 and policy.activation_scale > 1 else bounded


def excess_burst(policy: Policy, panic_load: float, ready: int) -> int:
    """Return how many more requests the ready pods could take over the burst they must be prepared for.

    Below zero the activator stays in the path. Always -1 for a target burst capacity of -1, always 0 for one of 0.
    """
    if policy.target_burst_capacity <= 0:
        return int(policy.target_burst_capacity)
    return _int32(math.floor, ready * policy.total - policy.target_burst_capacity - panic_load)


def first_excess_burst(policy: Policy) -> int:
    """Return the excess burst capacity before anything was measured."""
    if policy.target_burst_capacity in {-1, 0}:
        return int(policy.target_burst_capacity)
    return _int32(int, policy.initial_scale * policy.total - policy.target_burst_capacity)


def activators(policy: Policy, ready: int) -> int:
    """Return how many activators Knative would put into the path, were there any to choose from."""
    if policy.target_burst_capacity == 0:
        return _FEWEST_ACTIVATORS
    capacity = ready * policy.total + max(0.0, policy.target_burst_capacity)
    return max(_FEWEST_ACTIVATORS, _int32(math.ceil, capacity / policy.activator_capacity))


def _int32(rounded: Callable[[float], int], number: float) -> int:
    """Return a number as Go's int32 on arm64: annotations may say inf, of which the difference is no number."""
    if math.isnan(number):
        return 0
    return rounded(min(max(number, -_LARGEST - 1.0), float(_LARGEST)))


_FEWEST_ACTIVATORS = 2
_LARGEST = 2**31 - 1
