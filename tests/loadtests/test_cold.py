"""Cold answers are told from warm ones by what the answers say themselves."""

from loadtests.cold import cold_ones
from loadtests.timeline import Seen, Timeline
from tests.loadtests.asking import asked


def test_the_first_answer_of_a_process_is_cold_and_later_ones_are_warm():
    run = [asked(0, 200, start_ms=150), asked(0.3), asked(1)]

    assert cold_ones(run, Timeline()) == [True, False, False]


def test_who_waited_for_the_same_start_is_cold_though_answered_a_moment_earlier():
    run = [asked(0, 200, start_ms=150), asked(0.01, 185), asked(0.02, 190)]

    assert cold_ones(run, Timeline()) == [True, True, True]


def test_a_quick_answer_beside_a_start_is_another_process_s():
    run = [asked(0, 200, start_ms=150), asked(0.17, 5), asked(0.195, 10)]

    assert cold_ones(run, Timeline()) == [True, False, False]


def test_another_version_s_start_is_none_of_a_warm_one_s():
    run = [asked(0, 200, start_ms=150, version="2"), asked(0, 190)]

    assert cold_ones(run, Timeline()) == [True, False]


def test_an_event_is_cold_if_its_version_had_no_process_when_it_was_sent():
    timeline = Timeline()
    timeline.add(Seen(0, {}))
    timeline.add(Seen(5, {"digits@1": 1}))
    run = [asked(4, 1500, start_ms=None), asked(6, 10, start_ms=None)]

    assert cold_ones(run, timeline) == [True, False]


def test_nothing_is_cold_where_neither_answers_nor_the_cluster_say_so():
    assert cold_ones([asked(start_ms=None)], Timeline()) == [False]
