"""Goals met or not, and the pages that carry them."""

import pytest

from loadtests.bench.report import Goal, replace_between_markers

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


@pytest.mark.parametrize(
    ("found", "at_least", "verdict"),
    [(20, True, "met"), (19.9, True, "**not met**"), (20, False, "met"), (20.1, False, "**not met**")],
)
def test_a_goal_is_met_at_its_bound_and_not_beyond(found, at_least, verdict):
    assert Goal("a ratio", 20, found, at_least=at_least).verdict == verdict


def test_only_what_stands_between_the_markers_is_replaced():
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    assert replace_between_markers(page, "new\n", "bench") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"


@pytest.mark.parametrize("page", ["nothing", f"{BEGIN} alone", f"{END} alone"])
def test_a_page_without_both_markers_is_refused(page):
    with pytest.raises(ValueError, match="wanted"):
        replace_between_markers(page, "new", "bench")
