"""The page as a whole: it tells of what was measured, and leaves out what was not."""

import pytest

from loadtests.comparison.publishing import pictures, whole_page
from loadtests.comparison.report import Comparison
from loadtests.comparison.sides import MONOLITH, POORWILL
from loadtests.comparison.visit import Seen, Visit

SEEN = Seen(asked=100, errors=0, lost=0, wrong=0, delayed=0, p50_ms=4.0, slowest_ms=30.0)


def comparison(pss_mb):
    visits = [Visit(side, 2, 3.0, {"push": 1.0}, 1.0, SEEN, SEEN, SEEN, 2, pss_mb) for side in (MONOLITH, POORWILL)]
    return Comparison("2026-11-28T18:00+00:00", "2 cores", "1a2b3c4", "buildah", visits)


@pytest.mark.parametrize(("pss_mb", "told"), [(90.0, True), (None, False)])
def test_a_day_is_reckoned_only_from_memory_that_was_measured(pss_mb, told):
    found = comparison(pss_mb)

    page = whole_page(found, command="`make comparison`")
    assert ("### A day" in page) == told
    assert ("comparison-day.svg" in page) == told
    assert ("comparison-day.svg" in pictures(found)) == told
