"""The split that is observed, beside the one that was wanted, each for as long as it held."""

from loadtests.wanted_split import Wanted, deviation_percent, periods
from tests.loadtests.asking import asked, many


def test_each_split_is_held_against_what_was_sent_after_it_had_settled():
    wanted = [Wanted(0, {"1": 90, "2": 10}), Wanted(10, {"1": 50, "2": 50})]
    run = [
        *many(18, begin_seconds=2),
        *many(2, begin_seconds=5, version="2"),
        *many(5, begin_seconds=10.0),  # within the second in which it settles
        *many(10, begin_seconds=12),
        *many(6, begin_seconds=14, version="2"),
    ]

    first, second = periods(run, wanted, "digits")

    assert (first.answers, first.observed_percents) == (20, {"1": 90, "2": 10})
    assert (second.answers, second.observed_percents) == (16, {"1": 62.5, "2": 37.5})
    assert deviation_percent([first, second]) == 12.5


def test_a_version_that_answers_unasked_is_a_deviation():
    (period,) = periods([*many(5, begin_seconds=2, version="3")], [Wanted(0, {"1": 100})], "digits")

    assert period.deviation_percent == 100


def test_other_models_answers_do_not_count_and_a_split_without_answers_was_not_measured():
    found = list(periods([asked(5, model="tail-001")], [Wanted(0, {"1": 100})], "digits"))

    assert found[0].answers == 0
    assert deviation_percent(found) is None
    assert deviation_percent([]) is None
