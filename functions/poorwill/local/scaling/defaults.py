"""What holds for all revisions of a cluster and no annotation can change; the rest of config-autoscaler is in kinds.

From knative/serving 1.23.0: config/core/configmaps/autoscaler.yaml, pkg/autoscaler/config, pkg/reconciler/autoscaling.
"""

from typing import NamedTuple


class Defaults(NamedTuple):
    """Knative's values; a test gives others."""

    max_scale_up_rate: float = 1000.0
    """At most so many times the ready pods are wanted by one decision; above 1."""
    max_scale_down_rate: float = 2.0
    """At least the ready pods divided by so much are wanted by one decision; above 1."""
    scale_to_zero: bool = True
    """False keeps one pod of every revision."""
    grace_period_seconds: float = 30.0
    """How long the activator must have been in the path before the last pod goes; above 0."""
    activator_capacity: float = 100.0
    """Concurrent requests that one activator takes; at least 1."""
    decision_period_seconds: float = 2.0
    """How often a decision is made; also the width of one step of the scale-down delay."""
    activation_buffer_seconds: float = 30.0
    """How long after its progress deadline a revision that never gets ready is given up."""


KNATIVE = Defaults()
