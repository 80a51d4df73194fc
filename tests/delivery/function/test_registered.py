"""A version joins a split: it gets its percent, and the others give in proportion."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.delivery.traffic import Share, Split, all_to, joined
from poorwill.errors import ConflictError


@pytest.mark.parametrize(
    ("before", "percent", "after"),
    [
        ({}, 10, "v3=100"),
        ({1: 100}, 0, "v1=100 v3=0"),
        ({1: 100}, 10, "v1=90 v3=10"),
        ({1: 70, 2: 30}, 10, "v1=63 v2=27 v3=10"),
        ({1: 100, 2: 0}, 100, "v3=100"),
        ({1: 100, 2: 0}, 0, "v1=100 v3=0"),
    ],
)
def test_a_version_joins(before, percent, after):
    split = Split(tuple(Share(version, share) for version, share in before.items()))

    assert str(joined(split, 3, percent)) == after


@given(st.lists(st.integers(0, 100), min_size=1, max_size=8), st.integers(0, 100))
def test_whatever_there_was_the_sum_is_whole_and_nobody_goes_below_nothing(cuts, percent):
    edges = sorted({*cuts, 0, 100})
    split = Split(tuple(Share(at, high - low) for at, (low, high) in enumerate(pairwise(edges), 1)))

    after = joined(split, 99, percent)

    assert sum(share.percent for share in after.shares) == 100
    assert all(share.percent >= 0 for share in after.shares)
    assert after.percent(99) == percent


def test_the_first_version_gets_everything():
    assert joined(Split(()), 1, 0) == all_to(1)


@pytest.mark.parametrize(
    ("before", "percent", "after"),
    [
        ({1: 90, 2: 10}, 50, "v1=50 v2=50"),
        ({1: 60, 2: 10, 3: 30}, 40, "v1=40 v2=40 v3=20"),
        ({1: 0, 2: 100}, 100, "v2=100"),
        ({2: 100}, 10, "v2=100"),
    ],
)
def test_a_version_that_is_there_gets_its_percent_and_the_others_keep_their_proportions(before, percent, after):
    split = Split(tuple(Share(version, share) for version, share in before.items()))

    assert str(joined(split, 2, percent)) == after


def test_it_has_to_be_said_who_gets_the_rest_where_no_other_has_traffic():
    with pytest.raises(ConflictError, match="poorwill split"):
        joined(Split((Share(1, 0), Share(2, 100))), 2, 10)
