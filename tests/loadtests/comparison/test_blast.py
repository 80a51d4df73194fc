"""How far a fault reaches, told from what was asked: who failed, who waited, and for how long nobody answered."""

import pytest

from loadtests.asked import Asked, Outcome
from loadtests.comparison.blast import CRASH, GRAPH, REFUSED, TAKEN, Blast, Hurt, hurt
from loadtests.comparison.blast_table import blast_bars, blast_markdown
from loadtests.comparison.sides import MONOLITH, POORWILL

NONE = Hurt(models=0, failed=0, wrong=0, late=0, silence_seconds=0.0)


def asked(sent_seconds, outcome=Outcome.RIGHT, took_ms=5, model="tail-002"):
    return Asked("infer JSON", model, "old", sent_seconds, took_ms, outcome)


def test_answers_in_time_are_no_hurt():
    assert hurt([asked(at) for at in range(10)], 0, 10) == NONE


def test_silence_lasts_from_the_first_failure_to_the_next_right_answer():
    found = hurt([asked(0), asked(1, Outcome.ERROR), asked(2, Outcome.LOST), asked(3, took_ms=100)], 0, 10)

    assert found._replace(silence_seconds=0) == Hurt(1, failed=2, wrong=0, late=0, silence_seconds=0)
    assert found.silence_seconds == pytest.approx(2.1)


def test_silence_that_nobody_ends_lasts_until_the_end():
    assert hurt([asked(4, Outcome.WRONG)], 0, 10) == Hurt(1, failed=0, wrong=1, late=0, silence_seconds=6)


def test_an_answer_that_was_waited_for_is_silence_too():
    found = hurt([asked(1, took_ms=2000), asked(2, model="tail-003", took_ms=300)], 0, 10)

    assert found == Hurt(2, failed=0, wrong=0, late=2, silence_seconds=2)


def test_what_was_sent_before_or_after_does_not_count():
    assert hurt([asked(1, Outcome.LOST), asked(9, Outcome.LOST)], 2, 9) == NONE


def blast(side, fault, said, *, silence_seconds=0.0, next_seconds=2.0, back_seconds=None):
    return Blast(side, fault, said, NONE, NONE._replace(silence_seconds=silence_seconds), next_seconds, back_seconds)


def test_the_table_tells_who_refused_and_whose_next_deployment_never_came():
    some = [blast(MONOLITH, GRAPH, TAKEN, next_seconds=None, back_seconds=0.4), blast(POORWILL, GRAPH, REFUSED)]

    rows = blast_markdown(some).splitlines()[2:]
    assert rows == [
        f"| {GRAPH}, {MONOLITH} | taken | 0 | 0 | 0 | 0.0 | 0 | 0 | 0.0 | never, 1 times | 0.4 |",
        f"| {GRAPH}, {POORWILL} | refused | 0 | 0 | 0 | 0.0 | 0 | 0 | 0.0 | 2.0 | - |",
    ]


def test_bars_show_the_median_silence_of_the_others():
    some = [blast(MONOLITH, CRASH, "", silence_seconds=seconds) for seconds in (0.4, 9.0, 0.5)]

    assert [(bar.name, *bar.parts.values()) for bar in blast_bars(some)] == [(f"{CRASH}, {MONOLITH}", 0.5)]
