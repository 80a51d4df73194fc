"""What a revision's annotations say about its scaling, as numbers with units, with Knative's defaults for the rest.

From knative/serving 1.23.0: pkg/apis/autoscaling/register.go, pkg/autoscaler/config, and pkg/reconciler/autoscaling.
"""

from collections.abc import Mapping
from typing import NamedTuple

from poorwill.kinds import duration

GROUP = "autoscaling.knative.dev"
KPA = f"kpa.{GROUP}"
HPA = f"hpa.{GROUP}"
PROGRESS_DEADLINE = "serving.knative.dev/progress-deadline"

SMALLEST_TARGET = 0.01
MAX_CONTAINER_CONCURRENCY = 1000
"""Requests; container-concurrency-max-limit of config-defaults."""

# an annotation's name after the group's, with the spelling that it had before Knative 1.0
OLD_SPELLINGS = {
    "initial-scale": "initialScale",
    "max-scale": "maxScale",
    "metric-aggregation-algorithm": "metricAggregationAlgorithm",
    "min-scale": "minScale",
    "panic-threshold-percentage": "panicThresholdPercentage",
    "panic-window-percentage": "panicWindowPercentage",
    "scale-down-delay": "scaleDownDelay",
    "scale-to-zero-pod-retention-period": "scaleToZeroPodRetentionPeriod",
    "target-burst-capacity": "targetBurstCapacity",
    "target-utilization-percentage": "targetUtilizationPercentage",
}


class Autoscaling(NamedTuple):
    """How one revision is scaled."""

    scaling_class: str = KPA
    metric: str = "concurrency"
    """concurrency or rps."""
    algorithm: str = "linear"
    """linear or weighted-exponential."""
    target: float = 100.0
    """What one pod is held to carry, in the metric's unit; another is wanted at target_utilization_ratio of it."""
    target_utilization_ratio: float = 0.7
    """0.01 to 1."""
    target_burst_capacity: float = 211.0
    """Requests that the ready pods must take beside their load; 0: activator only at zero, -1: always."""
    min_scale: int = 0
    max_scale: int = 0
    """0 is no bound."""
    initial_scale: int = 1
    activation_scale: int = 0
    """At least so many when any are wanted; 0 where it is not set."""
    window_seconds: int = 60
    panic_window_ratio: float = 0.1
    """Of the window."""
    panic_window_seconds: int = 6
    """At least 1."""
    panic_threshold_ratio: float = 2.0
    """Wanted over ready pods that begin a panic."""
    scale_down_delay_seconds: float = 0.0
    scale_to_zero_pod_retention_seconds: float = 0.0
    """Of the last pod, beyond the window."""
    progress_deadline_seconds: float = 600.0
    """Until a revision that never gets ready is given up."""


def autoscaling(annotations: Mapping[str, str], container_concurrency: int = 0) -> Autoscaling:
    """Return how a revision with valid annotations is scaled; what can't be read counts as not set, as in Knative."""
    metric = annotations.get(f"{GROUP}/metric", "concurrency")
    target = _number(annotations, "target")
    if target is None:
        target = 200.0 if metric == "rps" else float(container_concurrency or 100)
    elif metric == "concurrency" and container_concurrency:
        target = min(target, float(container_concurrency))
    window_seconds = int(_or(_seconds(annotations, "window"), 60))
    panic_window_ratio = _or(_number(annotations, "panic-window-percentage"), 10.0) / 100
    weighted = _text(annotations, "metric-aggregation-algorithm") in {"weighted-exponential", "weightedExponential"}
    return Autoscaling(
        scaling_class=annotations.get(f"{GROUP}/class", KPA),
        metric=metric,
        algorithm="weighted-exponential" if weighted else "linear",
        target=target,
        target_utilization_ratio=_or(_number(annotations, "target-utilization-percentage"), 70.0) / 100,
        target_burst_capacity=_or(_number(annotations, "target-burst-capacity"), 211.0),
        min_scale=_count(annotations, "min-scale", 0),
        max_scale=_count(annotations, "max-scale", 0),
        initial_scale=_count(annotations, "initial-scale", 1) or 1,
        activation_scale=_count(annotations, "activation-scale", 0),
        window_seconds=window_seconds,
        panic_window_ratio=panic_window_ratio,
        panic_window_seconds=max(1, _half_up(window_seconds * panic_window_ratio)),
        panic_threshold_ratio=_or(_number(annotations, "panic-threshold-percentage"), 200.0) / 100,
        scale_down_delay_seconds=_or(_seconds(annotations, "scale-down-delay"), 0.0),
        scale_to_zero_pod_retention_seconds=_or(_seconds(annotations, "scale-to-zero-pod-retention-period"), 0.0),
        progress_deadline_seconds=_progress_deadline(annotations),
    )


def spelled(annotations: Mapping[str, str], name: str) -> tuple[str, str] | None:
    """Return the key under which an annotation of the group is there, in its new or its old spelling, and its text."""
    for spelling in (name, OLD_SPELLINGS.get(name)):
        if spelling is not None and f"{GROUP}/{spelling}" in annotations:
            return f"{GROUP}/{spelling}", annotations[f"{GROUP}/{spelling}"]
    return None


def _text(annotations: Mapping[str, str], name: str) -> str | None:
    found = spelled(annotations, name)
    return None if found is None else found[1]


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def _number(annotations: Mapping[str, str], name: str) -> float | None:
    try:
        return float(_text(annotations, name) or "")
    except ValueError:
        return None


def _count(annotations: Mapping[str, str], name: str, default: int) -> int:
    try:
        return int(_text(annotations, name) or "")
    except ValueError:
        return default


def _seconds(annotations: Mapping[str, str], name: str) -> float | None:
    try:
        return duration.seconds(_text(annotations, name) or "")
    except ValueError:
        return None


def _half_up(amount: float) -> int:
    # Go rounds halves away from zero, Python to even
    return int(amount + 0.5)


def _progress_deadline(annotations: Mapping[str, str]) -> float:
    try:
        return duration.seconds(annotations.get(PROGRESS_DEADLINE, ""))
    except ValueError:
        return 600.0
