"""Percents of a split: whole, from 0 to 100, and 100 in all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.kinds import admission
from tests.kinds.mutant import good


def split(percents):
    targets = [{"configurationName": f"iris-v{at}", "percent": percent} for at, percent in enumerate(percents, 1)]
    return {**good("route"), "spec": {"traffic": targets}}


@given(st.lists(st.integers(0, 100), min_size=1, max_size=5))
def test_only_percents_that_sum_to_100_are_admitted(percents):
    faults = admission.faults(admission.default(split(percents)))

    assert [fault.where for fault in faults] == ([] if sum(percents) == 100 else ["spec.traffic"])


@given(st.integers(-(2**62), 2**62).filter(lambda percent: not 0 <= percent <= 100))
def test_a_percent_outside_is_refused_at_its_path_even_where_the_sum_is_right(percent):
    faults = admission.faults(admission.default(split([percent, 100 - percent])))

    assert {"spec.traffic[0].percent", "spec.traffic[1].percent"} >= {fault.where for fault in faults} != set()


@given(st.one_of(st.text(), st.booleans(), st.floats(0, 100).filter(lambda part: not part.is_integer())))
def test_a_percent_that_is_no_whole_number_is_refused(percent):
    obj = admission.default(split([100]) | {"spec": {"traffic": [{"configurationName": "a", "percent": percent}]}})

    assert [fault.where for fault in admission.faults(obj)] == ["spec.traffic[0].percent"]


def test_all_faults_are_told_at_once_and_no_value_is_quoted():
    obj = split([30])
    obj["spec"]["traffic"][0] |= {"tag": "Hunter2", "revisionName": "hunter2"}
    obj["metadata"]["name"] = "hunter2.hunter2"
    obj["metadata"]["labels"] = {"a": "hunter2 hunter2"}

    faults = admission.faults(admission.default(obj))

    assert len(faults) == 5
    assert "unter2" not in "\n".join(map(str, faults))


@pytest.mark.parametrize("written", [{"spec": None}, {"spec": {"traffic": None}}, {}])
def test_null_counts_as_not_set(written):
    obj = {key: value for key, value in good("route").items() if key != "spec"} | written

    assert [fault.where for fault in admission.faults(admission.default(obj))] == ["spec.traffic"]
