"""Readers of conditions, and a writer that keeps their times."""

from poorwill.kinds import objects
from poorwill.kinds.objects import Condition

EARLIER, LATER = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


def test_a_condition_is_found_by_its_type():
    obj = {"metadata": {}, "status": {"conditions": [{"type": "Ready", "status": "False", "reason": "ExitCode1"}]}}

    assert objects.condition(obj, "Ready") == Condition("False", "ExitCode1", "")
    assert objects.condition(obj, "Active") is None
    assert not objects.is_true(obj, "Ready")
    assert objects.condition({"metadata": {}}, "Ready") is None


def test_a_status_is_of_the_spec_as_it_is_only_with_its_generation():
    assert objects.observed({"metadata": {"generation": 2}, "status": {"observedGeneration": 2}})
    assert not objects.observed({"metadata": {"generation": 2}, "status": {"observedGeneration": 1}})
    assert not objects.observed({"metadata": {"generation": 2}})
    assert not objects.observed({"metadata": {}})


def test_a_conditions_time_changes_only_with_the_condition():
    first = objects.set_conditions({}, [{"type": "Ready", "status": "Unknown"}], now=EARLIER)

    same = objects.set_conditions(first, [{"type": "Ready", "status": "Unknown"}], now=LATER)
    other = objects.set_conditions(first, [{"type": "Ready", "status": "True"}], now=LATER)

    assert same == first
    assert other["conditions"] == [{"type": "Ready", "status": "True", "lastTransitionTime": LATER}]


def test_conditions_are_sorted_by_type_and_the_rest_of_a_status_stays():
    status = {"url": "http://iris", "conditions": []}

    after = objects.set_conditions(
        status, [{"type": "Ready", "status": "True"}, {"type": "Active", "status": "True"}], now=EARLIER
    )

    assert [found["type"] for found in after["conditions"]] == ["Active", "Ready"]
    assert after["url"] == "http://iris"
    assert status["conditions"] == []


def test_labels_annotations_and_the_owner_are_read_where_there_are_any():
    owner = {"kind": "Service", "name": "iris", "controller": True}
    obj = {"metadata": {"labels": {"a": "b"}, "ownerReferences": [{"kind": "X", "name": "y"}, owner]}}

    assert (objects.labels(obj), objects.annotations(obj), objects.owner(obj)) == ({"a": "b"}, {}, owner)
    assert objects.owner({"metadata": {}}) is None
