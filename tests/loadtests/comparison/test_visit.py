"""A round's figures: which requests are counted when, and which step had ended when the first answer came."""

import pytest

from loadtests.asked import Asked, Outcome
from loadtests.comparison.visit import seen, until


def asked(sent_seconds, took_ms, outcome=Outcome.RIGHT):
    return Asked("infer JSON", "tail-001", "old", sent_seconds, took_ms, outcome)


def test_requests_count_by_when_they_were_sent_and_by_what_became_of_them():
    found = seen(
        [
            asked(0.9, 5),
            asked(1.0, 3),
            asked(1.5, 251),
            asked(1.9, 2, Outcome.LOST),
            asked(1.95, 4, Outcome.WRONG),
            asked(1.99, 4, Outcome.ERROR),
            asked(2.0, 900),
        ],
        1,
        2,
    )

    assert found == (5, 1, 1, 1, 1, 4, 251)


def test_a_span_without_requests_has_nothing_to_tell():
    assert seen([], 0, 1) == (0, 0, 0, 0, 0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("end_seconds", "steps"),
    [
        (5, {"push": 1, "split": 2, "until it answers": 2}),
        (2, {"push": 1, "split": 1, "until it answers": 0}),
        (0.5, {"push": 0.5, "split": 0, "until it answers": 0}),
    ],
)
def test_steps_end_with_the_first_answer_and_sum_to_it(end_seconds, steps):
    assert until({"push": 1, "split": 2}, end_seconds) == steps
