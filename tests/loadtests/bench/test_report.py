"""From visits to a table: medians, goals met or not, and the pages that carry them."""

import pytest

from loadtests.bench.contenders import FASTAPI, FRAMEWORK, POORWILL
from loadtests.bench.image import ImageTimes
from loadtests.bench.report import Goal, Visit, goals, markdown, replace_between_markers, summarize
from loadtests.bench.running import Measured

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
IMAGE = ImageTimes(json_ms=50.0, binary_ms=4.0, json_bytes=3_000_000, binary_bytes=602_000)
SECONDS_64 = {POORWILL: 20_000.0, FRAMEWORK: 1_000.0, FASTAPI: 4_001.0}


def visits(*, loaded=True):
    for name, rate in SECONDS_64.items():
        cold_ms = 60.0 if name == POORWILL else 100.0
        many = Measured(requests_per_second=rate, p50_ms=1, p99_ms=64_000 / rate, errors=1, cpu_us=1e6 / rate)
        one = Measured(requests_per_second=rate / 4, p50_ms=0.1, p99_ms=0.5, errors=0, cpu_us=1e6 / rate)
        yield Visit(name, cold_ms, 60.0, one, many) if loaded else Visit(name, cold_ms)
        yield Visit(name, cold_ms + 2)
        yield Visit(name, cold_ms - 2)


def test_medians_are_over_the_visits_that_measured_it():
    found = summarize(list(visits()))[POORWILL]

    assert (found.cold_ms, found.requests_per_second, found.pss_mb, found.errors) == (60.0, 20_000.0, 60.0, 1)


def test_each_goal_is_judged_on_its_own_ratio():
    verdicts = {goal.sentence: goal.verdict for goal in goals(summarize(list(visits())), IMAGE)}

    assert list(verdicts.values()) == ["met", "**not met**", "met", "met", "met", "met", "met"]


def test_without_load_the_goals_that_need_it_are_not_measured():
    verdicts = [goal.verdict for goal in goals(summarize(list(visits(loaded=False))), IMAGE)]

    assert verdicts == ["not measured"] * 4 + ["met", "not measured", "met"]


@pytest.mark.parametrize(
    ("found", "at_least", "verdict"),
    [(20, True, "met"), (19.9, True, "**not met**"), (20, False, "met"), (20.1, False, "**not met**")],
)
def test_a_goal_is_met_at_its_bound_and_not_beyond(found, at_least, verdict):
    assert Goal("a ratio", 20, found, at_least=at_least).verdict == verdict


def test_the_table_shows_every_contender_and_a_dash_for_what_was_not_measured():
    page = markdown(summarize(list(visits(loaded=False))), IMAGE, header="today, here:")

    rows = [line for line in page.splitlines() if line.startswith(f"| {FASTAPI}")]
    assert rows == [f"| {FASTAPI} | - | - | - | - | 100 | - | - | 0 |"]


def test_only_what_stands_between_the_markers_is_replaced():
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    assert replace_between_markers(page, "new\n") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"


@pytest.mark.parametrize("page", ["nothing", f"{BEGIN} alone", f"{END} alone"])
def test_a_page_without_both_markers_is_refused(page):
    with pytest.raises(ValueError, match="wanted"):
        replace_between_markers(page, "new")
