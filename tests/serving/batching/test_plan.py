"""Whether requests share runs is decided from times alone, and says why."""

import pytest

from poorwill.registry.records import RowTiming, RowTimings
from poorwill.serving.batching.known import Known
from poorwill.serving.batching.plan import Bounds, decide

SIZES = (1, 2, 4, 8, 16, 32)
AS_TIMED = Bounds(0, 20.0)

# times in microseconds of 1, 2, 4, ... rows, as measured on an AMD EPYC
TREES = (7.1, 10, 14, 22, 40, 75)
DENSE = (39, 49, 56, 105, 197, 390)
WIDE = (5280, 6000, 6500, 7860, 10710, 18130)
NET = (8800, 17400)


def timed(*took_us):
    return RowTimings("", tuple(RowTiming(rows, us / 1e3) for rows, us in zip(SIZES, took_us, strict=False)))


def known(run_us, beside_us=40.0, *, heavy=False):
    return Known(heavy, (run_us + beside_us) / 1e3, run_us / 1e3)


PLANS = {
    "a model of a few microseconds": (known(4), None, 1, "too little to gain"),
    "trees": (known(7.1), timed(*TREES), 1, "too little to gain"),
    "dense layers": (known(39), timed(*DENSE), 8, "13.1 us in a run of 8, and 39.0 us alone"),
    "dense layers of 100 MB": (known(5280, heavy=True), timed(*WIDE), 32, "566.6 us in a run of 32"),
    "a convolutional net": (known(8800, heavy=True), timed(*NET), 1, "1.01 times the requests a second"),
    "one whose two rows take too long": (known(19_000, heavy=True), timed(19_000, 21_000), 1, "2 rows take 21.0 ms"),
    "one whose only row takes too long": (known(21_000, heavy=True), None, 1, "one row takes 21.0 ms"),
    "rows that mind one another": (known(39), RowTimings("they do"), 1, "they do"),
    "one that was not timed": (known(39), None, 1, "not timed yet"),
}


@pytest.mark.parametrize(("warm_up", "timings", "rows", "words"), PLANS.values(), ids=PLANS)
def test_requests_share_runs_where_that_gains_and_no_row_minds(warm_up, timings, rows, words):
    plan = decide(warm_up, AS_TIMED, timings)

    assert plan.rows_limit == rows
    assert words in plan.words
    assert (plan.gain > 1) is (rows > 1)


@pytest.mark.parametrize(("rows", "chosen"), [(0, 8), (1, 1), (2, 2), (7, 4), (100, 8)])
def test_the_settings_only_lower_what_the_times_say(rows, chosen):
    assert decide(known(39), Bounds(rows, 20.0), timed(*DENSE)).rows_limit == chosen


@pytest.mark.parametrize(("limit_ms", "chosen"), [(20, 32), (18, 16), (8, 8), (5.9, 1), (5, 1)])
def test_a_shared_run_takes_no_longer_than_it_may(limit_ms, chosen):
    assert decide(known(5280, heavy=True), Bounds(0, limit_ms), timed(*WIDE)).rows_limit == chosen


@pytest.mark.parametrize(("heavy", "place"), [(False, "loop"), (True, "threads")])
def test_light_models_run_on_the_loop_and_heavy_ones_on_threads(heavy, place):
    assert decide(known(39, heavy=heavy), AS_TIMED, timed(*DENSE)).place == place


@pytest.mark.parametrize(
    ("took_us", "least"), [((39, 80, 70, 105), 4), ((39, 49, 56, 105), 2), ((39, 50, 200, 105), 8)]
)
def test_so_few_rows_that_they_would_lose_share_no_run(took_us, least):
    assert decide(known(39), AS_TIMED, timed(*took_us)).rows_least == least
