"""ISO 8601's periods as Knative reads them; the numbers are what github.com/rickb777/date 1.13 told of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.kinds import period


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("P0", 0),
        ("PT0S", 0),
        ("PT0.2S", 0.2),
        ("PT0.25S", 0.2),
        ("PT0,5S", 0.5),
        ("PT.5S", 0.5),
        ("PT5.S", 5),
        ("+PT1M30S", 90),
        ("-PT1M30S", -90),
        ("PT-3S", -3),
        ("PT7200S", 7200),
        ("P1DT2H3M4.5S", 93784.5),
        ("P1W", 604800),
        ("P1M", 2629746),
        ("P1Y", 31556952),
    ],
)
def test_a_period_is_read_in_seconds_and_tenths(text, seconds):
    assert period.seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "-", "1s", "T1S", "PT1", "PT1S ", "pt1s", "PT1S1M", "P1S", "PTxS", "--PT1S", "PT\u0663S"]
)
def test_what_is_no_period_is_refused(text):
    with pytest.raises(ValueError, match="period"):
        period.seconds(text)


@given(st.integers(0, 10**6), st.integers(0, 9))
def test_seconds_come_back_as_they_were_written(whole, tenths):
    assert period.seconds(f"PT{whole}.{tenths}S") == pytest.approx(whole + tenths / 10)
