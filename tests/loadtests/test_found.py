"""What a run showed is counted apart: right, error, lost, wrong; warm and cold."""

from loadtests.asked import Outcome, taken
from loadtests.found import Run, found_in, found_whole, percentile_ms
from loadtests.recorder import Recorder
from loadtests.timeline import Seen, Timeline
from tests.loadtests.asking import asked, many


def test_percentiles_are_of_right_answers_warm_and_cold_apart():
    run = [*many(99, took_ms=10), asked(9.9, 40), asked(10, 700, start_ms=600), asked(11, 1, outcome=Outcome.ERROR)]

    found = found_in(Run(run, Timeline()))["infer"]

    assert (found.warm_p50_ms, found.warm_p99_ms) == (10, 10)
    assert (found.cold_answers, found.cold_p50_ms, found.cold_p99_ms) == (1, 700, 700)
    assert (found.right, found.errors) == (101, 1)


def test_errors_lost_and_wrong_are_three_things():
    run = [asked(outcome=Outcome.LOST), *many(2, outcome=Outcome.WRONG), *many(3, outcome=Outcome.ERROR)]

    found = found_in(Run(run, Timeline()))["infer"]

    assert (found.right, found.errors, found.lost, found.wrong) == (0, 3, 1, 2)
    assert found.warm_p50_ms is None


def test_a_rate_is_of_right_answers_over_the_time_of_its_kind():
    run = [*many(20, kind="json"), *many(10, begin_seconds=5, kind="event")]

    found = found_in(Run(run, Timeline()))

    assert found["json"].requests_per_second == 20 / 1.91
    assert found["event"].requests_per_second == 10 / 1.0


def test_a_percentile_is_the_smallest_time_that_so_many_do_not_exceed():
    assert percentile_ms([4, 1, 3, 2], 0.5) == 2
    assert percentile_ms([4, 1, 3, 2], 0.99) == 4
    assert percentile_ms([], 0.5) is None


def test_cost_is_of_a_million_right_answers():
    timeline = Timeline()
    timeline.add(Seen(0, {"digits@1": 1}, {"digits@1": 0.001}))
    run = Run([asked(0, 1000), asked(9, 1000), asked(9, 1000, outcome=Outcome.WRONG)], timeline)

    assert found_whole(run).usd_per_million == 0.001 * 10 / 2 * 1_000_000


def test_what_workers_hand_over_arrives_whole_and_once():
    worker, master = Recorder(), Recorder()
    for one in many(3, start_ms=None):
        worker.add(one)
    first, second = {}, {}
    worker.give(first)
    worker.give(second)

    master.take({"asked": [list(one) for one in first["asked"]]})  # as msgpack brings them
    master.take(second)

    assert master.asked == many(3, start_ms=None) == taken(first["asked"])
