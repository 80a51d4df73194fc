"""Intervals hold what they promise: of few rows, of many, and where none is wrong."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.pipeline.metrics import METRICS, Answers, measured, paired, wilson, worse_by

LABELS = np.array(["east", "north", "west"])
CLASSES = ("accuracy", "f1_macro")
NUMBERS = ("rmse", "mae", "r2")


def said(random, rows, right=0.8):
    """Return labels, and answers that are right in that share and at random else."""
    truth = LABELS[random.integers(0, 3, rows)]
    values = np.where(random.random(rows) < right, truth, LABELS[random.integers(0, 3, rows)])
    return truth, Answers(values)


def numbers(random, rows):
    """Return numbers with a spread of 2, and answers that miss them by a spread of 1."""
    truth = 2 * random.normal(size=rows)
    return truth, Answers(truth + random.normal(size=rows))


def covered(name, draw, expected, rows, trials=100):
    """Return in how many of a hundred trials the interval of 95 % holds the metric of all there could be."""
    random = np.random.default_rng(11)
    found = (measured(name, *draw(random, rows), 95) for _ in range(trials))
    return 100 * sum(one.low <= expected <= one.high for one in found) / trials


# of a right share of 0.8 and a third of the rest; sqrt(2/pi) is the mean of |N(0, 1)|
EXPECTED = {"accuracy": 0.8 + 0.2 / 3, "f1_macro": 0.8 + 0.2 / 3, "rmse": 1.0, "mae": 0.797885, "r2": 0.75}


@pytest.mark.parametrize("rows", [30, 100])
@pytest.mark.parametrize("name", EXPECTED)
def test_intervals_hold_the_truth_about_as_often_as_they_say(name, rows):
    share = covered(name, said if METRICS[name].of_classes else numbers, EXPECTED[name], rows)

    assert 87 <= share <= 100


@pytest.mark.parametrize("name", [*CLASSES, *NUMBERS])
def test_a_difference_holds_the_truth_about_as_often_as_it_says(name):
    random, trials, hits = np.random.default_rng(5), 80, 0
    for _ in range(trials):
        if METRICS[name].of_classes:
            truth, new = said(random, 60)
            old = Answers(np.where(random.random(60) < 0.8, truth, LABELS[random.integers(0, 3, 60)]))
        else:
            truth, new = numbers(random, 60)
            old = Answers(truth + random.normal(size=60))
        found = worse_by(name, truth, new, old, 95)
        hits += found.low <= 0 <= found.high

    assert 89 <= 100 * hits / trials <= 100


@pytest.mark.parametrize("name", CLASSES)
def test_few_rows_that_are_all_right_prove_little(name):
    truth = np.array(["east", "west"] * 5)

    found = measured(name, truth, Answers(truth), 95)

    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx(wilson(10, 10, 95)[0])
    assert found.low < 0.75


@pytest.mark.parametrize("name", CLASSES)
def test_few_rows_on_which_two_models_agree_do_not_make_them_equal(name):
    truth = np.array(["east", "west"] * 5)

    found = worse_by(name, truth, Answers(truth), Answers(truth), 95)

    assert found.value == 0
    assert found.low < -0.2
    assert found.high > 0.2


def test_few_rows_have_students_interval_and_not_the_narrower_one_of_their_resamples():
    misses = np.linspace(0, 1, 12)

    found = measured("mae", np.zeros(12), Answers(misses), 95)

    half = 2.201 * misses.std(ddof=1) / np.sqrt(12)  # of 11 degrees of freedom
    assert found.high - found.low == pytest.approx(2 * half, rel=0.08)


def test_many_rows_have_the_interval_that_theory_gives_them():
    rows = 40_000
    truth, answers = numbers(np.random.default_rng(0), rows)

    found = measured("mae", truth, answers, 95)

    misses = np.abs(truth - answers.values)
    half = 1.96 * misses.std() / np.sqrt(rows)
    assert found.high - found.low == pytest.approx(2 * half, rel=0.1)
    assert found.value == pytest.approx(misses.mean())


@given(st.integers(1, 500), st.integers(0, 500), st.floats(50, 99.99))
def test_wilsons_interval_solves_the_test_that_it_is_the_inverse_of(trials, successes, confidence_percent):
    successes = min(successes, trials)
    share, z = successes / trials, NormalDist().inv_cdf(0.5 + confidence_percent / 200)

    for end in wilson(successes, trials, confidence_percent):
        assert 0 <= end <= 1
        assert (share - end) ** 2 == pytest.approx(z * z * end * (1 - end) / trials, abs=1e-9)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_a_paired_interval_turns_round_with_the_models(lost, won, same):
    trials = max(1, lost + won + same)

    low, high = paired(lost, won, trials, 95)

    assert -1 <= low < high <= 1
    assert paired(won, lost, trials, 95) == pytest.approx((-high, -low))
