"""What follows from an interval beside a limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.pipeline.metrics import Measured
from poorwill.pipeline.spec import Limit
from poorwill.pipeline.verdict import judged, overall

FOUND = Measured(0.90, 0.85, 0.95, 100)


def verdicts(worse=None, why_not="", **limit):
    return [each.verdict for each in judged(Limit(metric="accuracy", **limit), FOUND, worse, why_not)]


@pytest.mark.parametrize(
    ("limit", "verdict"),
    [
        ({"at_least": 0.85}, "pass"),
        ({"at_least": 0.9}, "inconclusive"),
        ({"at_least": 0.95}, "inconclusive"),
        ({"at_least": 0.96}, "fail"),
        ({"at_most": 0.95}, "pass"),
        ({"at_most": 0.9}, "inconclusive"),
        ({"at_most": 0.84}, "fail"),
    ],
)
def test_the_whole_interval_decides(limit, verdict):
    assert verdicts(**limit) == [verdict]


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(-0.1, 0.01, "pass"), (-0.01, 0.05, "inconclusive"), (0.03, 0.05, "fail")]
)
def test_a_difference_to_the_version_that_serves_is_judged_as_a_whole_too(low, high, verdict):
    assert verdicts(Measured(0, low, high, 100), worse_than_serving=0.02) == [verdict]


def test_where_nothing_serves_there_is_nothing_to_be_worse_than():
    (found,) = judged(Limit(metric="accuracy", worse_than_serving=0.02), FOUND, None)

    assert (found.verdict, found.note) == ("pass", "nothing serves yet")


def test_a_version_that_serves_and_cannot_be_compared_settles_nothing():
    assert verdicts(why_not="it takes other columns", worse_than_serving=0.02) == ["inconclusive"]


def test_a_limit_may_demand_several_things_and_the_worst_of_all_counts():
    several = list(judged(Limit(metric="accuracy", at_least=0.8, at_most=0.9), FOUND, None))

    assert [each.wanted for each in several] == ["at least 0.8", "at most 0.9"]
    assert overall(several) == "inconclusive"
    assert overall(several[:1]) == "pass"
    assert overall([*several, *judged(Limit(metric="accuracy", at_least=0.99), FOUND, None)]) == "fail"


NUMBERS = st.floats(-1e6, 1e6)
ORDER = ("fail", "inconclusive", "pass")


@given(st.tuples(NUMBERS, NUMBERS).map(sorted), NUMBERS)
def test_a_verdict_is_where_the_interval_lies_and_nothing_else(interval, wanted):
    low, high = interval
    found = Measured((low + high) / 2, low, high, 100)
    above = "pass" if low >= wanted else "fail" if high < wanted else "inconclusive"
    below = "pass" if high <= wanted else "fail" if low > wanted else "inconclusive"

    (at_least,) = judged(Limit(metric="r2", at_least=wanted), found, None)
    (at_most,) = judged(Limit(metric="r2", at_most=wanted), found, None)
    (worse,) = judged(Limit(metric="r2", worse_than_serving=wanted), FOUND, found)

    assert (at_least.verdict, at_most.verdict, worse.verdict) == (above, below, below)
    assert overall([at_least, at_most, worse]) == min(above, below, key=ORDER.index)
