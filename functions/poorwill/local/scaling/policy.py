"""How one revision is scaled: its annotations, the cluster's values and whether any route can reach it, as numbers."""

from typing import NamedTuple

from poorwill.kinds.autoscaling import SMALLEST_TARGET, Autoscaling
from poorwill.local.scaling.defaults import Defaults


class Policy(NamedTuple):
    """All that decisions about one revision go by; names and meanings as in Autoscaling and Defaults."""

    metric: str
    algorithm: str
    target: float
    """The share of the total at which another pod is wanted."""
    total: float
    """What one pod is held to carry."""
    target_burst_capacity: float
    panic_threshold_ratio: float
    window_seconds: int
    panic_window_seconds: int
    scale_down_delay_seconds: float
    retention_seconds: float
    """Of the last pod."""
    activation_timeout_seconds: float
    min_scale: int
    max_scale: int
    """0 is no bound."""
    initial_scale: int
    activation_scale: int
    reachable: bool
    max_scale_up_rate: float
    max_scale_down_rate: float
    scale_to_zero: bool
    grace_period_seconds: float
    activator_capacity: float


def policy(autoscaling: Autoscaling, defaults: Defaults, *, reachable: bool) -> Policy:
    """Return the numbers for one revision.

    A revision that no route names keeps no pods: its smallest scale and its retention don't count.
    """
    return Policy(
        metric=autoscaling.metric,
        algorithm=autoscaling.algorithm,
        target=max(SMALLEST_TARGET, autoscaling.target * autoscaling.target_utilization_ratio),
        total=autoscaling.target,
        target_burst_capacity=autoscaling.target_burst_capacity,
        panic_threshold_ratio=autoscaling.panic_threshold_ratio,
        window_seconds=autoscaling.window_seconds,
        panic_window_seconds=autoscaling.panic_window_seconds,
        scale_down_delay_seconds=autoscaling.scale_down_delay_seconds,
        retention_seconds=autoscaling.scale_to_zero_pod_retention_seconds if reachable else 0.0,
        activation_timeout_seconds=autoscaling.progress_deadline_seconds + defaults.activation_buffer_seconds,
        min_scale=autoscaling.min_scale if reachable else 0,
        max_scale=autoscaling.max_scale,
        initial_scale=autoscaling.initial_scale,
        activation_scale=autoscaling.activation_scale,
        reachable=reachable,
        max_scale_up_rate=defaults.max_scale_up_rate,
        max_scale_down_rate=defaults.max_scale_down_rate,
        scale_to_zero=defaults.scale_to_zero,
        grace_period_seconds=defaults.grace_period_seconds,
        activator_capacity=defaults.activator_capacity,
    )
