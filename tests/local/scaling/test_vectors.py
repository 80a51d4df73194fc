"""Our autoscaler against what Knative's own code answered; vectors.json says which commit, and only holds numbers."""

import pytest

from poorwill.local.scaling.decision import first_excess_burst
from poorwill.local.scaling.defaults import KNATIVE
from poorwill.local.scaling.policy import policy
from poorwill.local.scaling.window import Highest, WeightedWindow, Window
from tests.local.scaling.replay import VECTORS, described, replayed


def test_targets_and_windows_follow_from_annotations_as_in_knative():
    wrong = []
    for annotations, concurrency, *expected in VECTORS["targets"]:
        rules = policy(described(annotations, concurrency), KNATIVE, reachable=True)
        found = [
            rules.target,
            rules.total,
            rules.target_burst_capacity,
            rules.panic_threshold_ratio,
            rules.window_seconds,
            rules.panic_window_seconds,
        ]
        if found != expected:
            wrong.append((annotations, concurrency, expected, found))

    assert wrong == []


@pytest.mark.parametrize("vector", VECTORS["windows"], ids=lambda vector: f"{vector['algorithm']}-{vector['seconds']}")
def test_a_window_averages_as_knatives(vector):
    window = (Window if vector["algorithm"] == "linear" else WeightedWindow)(vector["seconds"])
    for written, value, read, average, empty in vector["steps"]:
        window.record(written, value)

        # the two languages' powers differ in the last bit
        assert window.average(read) == pytest.approx(average, rel=1e-12, abs=1e-12)
        assert window.is_empty(read) == empty


@pytest.mark.parametrize("vector", VECTORS["highest"], ids=lambda vector: str(vector["seconds"]))
def test_the_highest_of_a_delay_is_knatives(vector):
    delay = Highest(vector["seconds"], 2)

    assert [delay.record(at, count) for at, count, _ in vector["steps"]] == [step[2] for step in vector["steps"]]


@pytest.mark.parametrize("trace", VECTORS["traces"], ids=lambda trace: trace["name"])
def test_a_revision_lives_as_under_knatives_autoscaler(trace):
    rules = policy(
        described(trace.get("annotations", {}), trace.get("container_concurrency", 0)), KNATIVE, reachable=True
    )
    if "allow-zero-initial-scale" in trace.get("config", {}):
        rules = rules._replace(initial_scale=0)

    assert [rules.target, rules.total, first_excess_burst(rules)] == trace["target"]
    assert replayed(trace) == trace["expected"]
