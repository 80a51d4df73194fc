"""Annotations become numbers with units, with Knative's defaults for the rest."""

import pytest

from poorwill.kinds.autoscaling import Autoscaling, autoscaling
from poorwill.kinds.scaling_rules import annotation_faults

GROUP = "autoscaling.knative.dev"


def test_without_annotations_all_is_knatives_default():
    assert autoscaling({}) == Autoscaling()


def test_every_annotation_is_read():
    texts = {
        "class": "hpa.autoscaling.knative.dev",
        "metric": "rps",
        "metric-aggregation-algorithm": "weightedExponential",
        "target": "150",
        "target-utilization-percentage": "80",
        "target-burst-capacity": "-1",
        "min-scale": "1",
        "max-scale": "9",
        "initial-scale": "3",
        "activation-scale": "2",
        "window": "1m30s",
        "panic-window-percentage": "5",
        "panic-threshold-percentage": "150",
        "scale-down-delay": "15m",
        "scale-to-zero-pod-retention-period": "1.5s",
    }
    annotations = {f"{GROUP}/{name}": text for name, text in texts.items()}

    read = autoscaling({**annotations, "serving.knative.dev/progress-deadline": "2m"})

    assert read == Autoscaling(
        scaling_class="hpa.autoscaling.knative.dev",
        metric="rps",
        algorithm="weighted-exponential",
        target=150.0,
        target_utilization_ratio=0.8,
        target_burst_capacity=-1.0,
        min_scale=1,
        max_scale=9,
        initial_scale=3,
        activation_scale=2,
        window_seconds=90,
        panic_window_ratio=0.05,
        panic_window_seconds=5,  # 4.5, and Go rounds halves up
        panic_threshold_ratio=1.5,
        scale_down_delay_seconds=900.0,
        scale_to_zero_pod_retention_seconds=1.5,
        progress_deadline_seconds=120.0,
    )


@pytest.mark.parametrize(
    ("annotations", "container_concurrency", "target"),
    [
        ({}, 0, 100.0),
        ({}, 4, 4.0),
        ({"target": "10"}, 4, 4.0),
        ({"target": "2"}, 4, 2.0),
        ({"target": "10"}, 0, 10.0),
        ({"metric": "rps"}, 4, 200.0),
        ({"metric": "rps", "target": "10"}, 4, 10.0),
    ],
)
def test_a_pod_carries_what_its_target_or_its_concurrency_says(annotations, container_concurrency, target):
    named = {f"{GROUP}/{name}": text for name, text in annotations.items()}

    assert autoscaling(named, container_concurrency).target == target


def test_the_old_spelling_counts_where_the_new_one_is_not_there():
    assert autoscaling({f"{GROUP}/minScale": "2"}).min_scale == 2
    assert autoscaling({f"{GROUP}/minScale": "2", f"{GROUP}/min-scale": "1"}).min_scale == 1


def test_the_panic_window_is_at_least_a_second():
    assert autoscaling({f"{GROUP}/window": "6s", f"{GROUP}/panic-window-percentage": "1"}).panic_window_seconds == 1


@pytest.mark.parametrize("name", ["min-scale", "max-scale", "initial-scale", "activation-scale"])
def test_a_number_of_more_digits_than_python_reads_is_refused_as_any_other(name):
    assert list(annotation_faults({f"{GROUP}/{name}": "9" * 5000}, "metadata.annotations"))
