"""From visits to pages: medians and spans, goals with the figures of what is missed, tables, the picture."""

import xml.etree.ElementTree as ET

import pytest

from loadtests.bench.running import Measured
from loadtests.peers.floors import Floors
from loadtests.peers.goals import promises
from loadtests.peers.models import BIG, SMALL, TREE
from loadtests.peers.panels import panels
from loadtests.peers.report import NAMES, Comparison, markdown, short
from loadtests.peers.rows import OURS
from loadtests.peers.summary import best, summarize
from loadtests.peers.tour import Visit

RATES = {OURS: 20_000.0, "fastapi": 2_500.0, "func-python": 3_000.0, "kserve": 500.0, "mlserver": 800.0}
COLDS_MS = {OURS: 90.0, "fastapi": 400.0, "func-python": 100.0, "kserve": 290.0, "mlserver": 400.0}
PHASES_MS = {"imports": 60.0, "fetch": 9.0, "warm_up": 1.0}
FLOORS = Floors(
    import_ms=80.0,
    run_us={SMALL: 7.0, TREE: 12.0, BIG: 9_000.0},
    live_us=16.0,
    phases_ms=dict.fromkeys((SMALL, TREE, BIG), PHASES_MS),
)


def visits(model=SMALL, *, loaded=True):
    for row, rate in RATES.items():
        many = Measured(rate, p50_ms=1, p99_ms=64_000 / rate, errors=1, cpu_us=1e6 / rate, wrk_us=20)
        one = Measured(rate / 4, p50_ms=0.1, p99_ms=0.5, errors=0, cpu_us=1e6 / rate)
        yield Visit(model, row, COLDS_MS[row], 60.0, one, many) if loaded else Visit(model, row, COLDS_MS[row])
        yield Visit(model, row, COLDS_MS[row] + 2)
        yield Visit(model, row, COLDS_MS[row] - 2)


def run(*some, threads=None, faults=None):
    return Comparison("today, here:", some, FLOORS, threads or {}, faults or {})


def verdicts(*some):
    return [(each.model, each.goal.verdict) for each in promises(summarize(some), FLOORS)]


def test_a_median_stands_between_the_least_and_the_most_of_the_visits_that_measured_it():
    found = summarize(list(visits()))[SMALL][OURS]

    assert (found.cold_ms, found.requests_per_second, found.errors) == ((90, 88, 92), (20_000,) * 3, 1)


def test_the_best_peer_is_chosen_for_each_measure_and_is_never_us():
    found = summarize(list(visits()))[SMALL]

    assert best(found, lambda row: row.requests_per_second, highest=True) == "func-python"
    assert best(found, lambda row: row.cold_ms, highest=False) == "func-python"
    assert best({OURS: found[OURS]}, lambda row: row.cold_ms, highest=False) is None


def test_each_goal_of_a_model_is_judged_against_the_best_peer_or_the_one_it_names():
    wanted = ["**not met**", "met", "met", "**not met**", "met"]

    assert verdicts(*visits()) == [(SMALL, verdict) for verdict in wanted]


def test_the_tree_has_no_goal_of_cold_start_and_the_big_model_has_its_own():
    assert verdicts(*visits(TREE)) == [(TREE, "**not met**"), (TREE, "met")]
    assert verdicts(*visits(BIG)) == [(BIG, "met"), (BIG, "met"), (BIG, "**not met**")]


def test_without_load_the_goals_that_need_it_are_not_measured():
    assert [verdict for _, verdict in verdicts(*visits(loaded=False))][:2] == ["not measured"] * 2


def test_a_goal_of_a_peer_that_was_not_there_is_not_measured():
    some = [each for each in visits() if each.row != "kserve"]

    assert [verdict for _, verdict in verdicts(*some)][3] == "not measured"


def test_a_missed_goal_is_told_with_the_runs_own_figures():
    page = markdown(run(*visits()))

    (reason,) = [line for line in page.splitlines() if line.startswith("- Not met") and "requests a second" in line]
    assert "of the 50 us of CPU" in reason
    assert "alone is 7 and what a request takes that no model answers 16; wrk takes 20" in reason
    assert "3,000 a second, times 7, would leave 48 us" in reason
    assert "takes 80 of the 90 ms, and the peer answers after 290" in page
    assert "imports 60, fetch 9, warm up 1" in page


def test_a_row_tells_medians_with_spans_and_a_dash_for_what_was_not_measured():
    page = markdown(run(*visits(loaded=False)))

    (row,) = [line for line in page.splitlines() if line.startswith("| func-python")]
    assert row.split(" | ")[2:] == ["-", "-", "-", "-", "100 (98-102)", "-", "-", "0 |"]


def test_the_versions_of_peers_are_those_of_their_locks():
    page = markdown(run(*visits()))

    (row,) = [line for line in page.splitlines() if line.startswith("| FastAPI + uvicorn |")]
    assert all(part[0].isdigit() for part in row.split(" | ")[1].split(", "))


def test_the_big_models_table_tells_of_threads_and_the_others_do_not():
    page = markdown(run(*visits(SMALL), *visits(BIG), threads={"kserve": 2}))

    cells = [line.split(" | ")[2] for line in page.splitlines() if line.startswith("| KServe |")]
    assert cells == ["500", "2"]


def test_what_was_left_out_is_said_with_its_reason():
    page = markdown(run(*visits(), faults={(SMALL, "litserve"): "it can't be installed here"}))

    assert "- **Left out** of small: LitServe: it can't be installed here" in page


def test_the_readme_gets_the_small_model_alone():
    page = short(run(*visits(SMALL), *visits(TREE)))

    assert page.count("| Poorwill | 20,000 | 3.2 | 0.10 | 90 | 60 | 50 |") == 1
    assert "tree" not in page
    assert short(run(*visits(TREE))) == ""


@pytest.mark.parametrize("loaded", [True, False])
def test_the_picture_has_a_bar_for_each_server_model_and_measure(loaded):
    some = [*visits(SMALL, loaded=loaded), *visits(BIG, loaded=loaded)]

    picture = ET.fromstring(panels(summarize(some), NAMES, told="speed"))  # noqa: S314 - our own

    bars = [float(each.get("width")) for each in picture.iter("{http://www.w3.org/2000/svg}rect")]
    assert len(bars) == 2 * 3 * len(RATES)
    assert sum(width > 0 for width in bars) == 2 * len(RATES) * (3 if loaded else 1)
