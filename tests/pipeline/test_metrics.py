"""Metrics as scikit-learn has them, their intervals as textbooks do."""

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from poorwill.pipeline.metrics import METRICS, Answers, measured, wilson, worse_by

RANDOM = np.random.default_rng(0)
TRUTH = RANDOM.integers(0, 3, 300)
LABELS = np.where(RANDOM.random(300) < 0.8, TRUTH, RANDOM.integers(0, 3, 300))
PROBABILITIES = RANDOM.dirichlet([1, 1, 1], 300)
CLASSES = Answers(LABELS, PROBABILITIES, np.arange(3))
NUMBERS = RANDOM.normal(size=300)
FORETOLD = Answers(NUMBERS + RANDOM.normal(scale=0.5, size=300))

EXPECTED = {
    "accuracy": sklearn_metrics.accuracy_score(TRUTH, LABELS),
    "f1_macro": sklearn_metrics.f1_score(TRUTH, LABELS, average="macro"),
    "log_loss": sklearn_metrics.log_loss(TRUTH, PROBABILITIES),
    "rmse": sklearn_metrics.root_mean_squared_error(NUMBERS, FORETOLD.values),
    "mae": sklearn_metrics.mean_absolute_error(NUMBERS, FORETOLD.values),
    "r2": sklearn_metrics.r2_score(NUMBERS, FORETOLD.values),
}


def asked(name):
    return (TRUTH, CLASSES) if METRICS[name].of_classes else (NUMBERS, FORETOLD)


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_that_of_scikit_learn_inside_its_interval(name):
    found = measured(name, *asked(name), 95)

    assert found.value == pytest.approx(EXPECTED[name])
    assert found.low < found.value < found.high
    assert found.rows == 300


@pytest.mark.parametrize("name", METRICS)
def test_more_confidence_is_a_wider_interval_and_the_same_rows_give_the_same(name):
    narrow, wide, again = (measured(name, *asked(name), percent) for percent in (80, 99, 80))

    assert wide.low < narrow.low < narrow.high < wide.high
    assert again == narrow


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"), [(0, 10, 0, 0.2775), (10, 10, 0.7225, 1), (45, 50, 0.7864, 0.9565)]
)
def test_an_accuracys_interval_is_wilsons_also_at_its_ends(successes, trials, low, high):
    assert wilson(successes, trials, 95) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize("name", ["log_loss", "rmse"])
def test_an_interval_holds_what_is_true_about_as_often_as_it_says(name):
    random = np.random.default_rng(1)
    held = 0
    for _ in range(100):
        if name == "rmse":
            truth = random.normal(size=80)
            found, true = measured(name, truth, Answers(np.zeros(80)), 90), 1.0
        else:
            sure = np.where(random.random(80) < 0.7, 0, 1)
            found = measured(name, sure, Answers(sure, np.tile([0.7, 0.3], (80, 1)), np.arange(2)), 90)
            true = -0.7 * np.log(0.7) - 0.3 * np.log(0.3)
        held += found.low <= true <= found.high

    assert 78 <= held <= 98


@pytest.mark.parametrize("name", METRICS)
def test_a_model_is_no_worse_than_itself_and_worse_than_one_that_knows(name):
    truth, answers = asked(name)
    knows = Answers(truth, np.eye(3)[truth] * 0.97 + 0.01, np.arange(3)) if METRICS[name].of_classes else Answers(truth)

    same, worse = worse_by(name, truth, answers, answers, 95), worse_by(name, truth, answers, knows, 95)

    assert same.value == 0
    assert same.low == -same.high <= 0
    assert 0 < worse.low < worse.value < worse.high
    assert worse_by(name, truth, knows, answers, 95).high < 0


def test_a_difference_on_the_same_rows_is_narrower_than_both_intervals():
    better = Answers(np.where(np.arange(300) < 5, TRUTH, LABELS))

    worse = worse_by("accuracy", TRUTH, CLASSES, better, 95)

    whole = measured("accuracy", TRUTH, CLASSES, 95)
    assert worse.high - worse.low < (whole.high - whole.low) / 3


def test_a_class_that_the_model_knows_nothing_of_costs_much_and_not_infinitely_much():
    found = measured("log_loss", np.array([7, 7, 0]), Answers(np.zeros(3), np.eye(2)[[0, 0, 0]], np.arange(2)), 95)

    assert 20 < found.value < 40


def test_targets_that_are_all_equal_explain_nothing_or_everything():
    equal = np.full(20, 3.0)

    assert measured("r2", equal, Answers(equal), 95)[:3] == (1, 1, 1)
    assert measured("r2", equal, Answers(equal + 1), 95)[:3] == (0, 0, 0)
