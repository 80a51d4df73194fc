"""Metrics with confidence intervals, and how much worse one model is than another on the same rows; pure.

Accuracy has Wilson's interval (E. B. Wilson, JASA 22, 1927), everything else the percentile bootstrap over rows
(B. Efron, Annals of Statistics 7, 1979), seeded, so that the same rows give the same interval.
"""

from collections.abc import Callable, Iterator, Mapping
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_RESAMPLES, _SEED = 1000, 0
_SMALLEST = 1e-15  # a probability of 0 would cost infinitely much


class Answers(NamedTuple):
    """What a model said of some rows: labels or values, and for classes their probabilities if it gives them."""

    values: Array  # [rows]
    probabilities: Array | None = None  # [rows, classes]
    classes: Array | None = None  # [classes], in the order of the probabilities

    def of(self, rows: Array) -> "Answers":
        """Return the answers to some of the rows."""
        return Answers(
            self.values[rows], None if self.probabilities is None else self.probabilities[rows], self.classes
        )


class Measured(NamedTuple):
    """A metric on some rows, with its interval."""

    value: float
    low: float
    high: float
    rows: int


class Metric(NamedTuple):
    """How a metric is computed, and which way is better."""

    compute: Callable[[Array, Answers], float]
    higher_is_better: bool
    of_classes: bool  # else of numbers


def _accuracy(truth: Array, answers: Answers) -> float:
    return float(np.mean(truth == answers.values))


def _f1_macro(truth: Array, answers: Answers) -> float:
    scores = []
    for label in np.unique(np.concatenate([truth, answers.values])):
        said, is_so = answers.values == label, truth == label
        right, wrong = np.sum(said & is_so), np.sum(said ^ is_so)
        scores.append(2 * right / (2 * right + wrong))
    return float(np.mean(scores))


def _log_loss(truth: Array, answers: Answers) -> float:
    assert answers.probabilities is not None  # noqa: S101 - evaluate asks for them
    assert answers.classes is not None  # noqa: S101
    sums = answers.probabilities.sum(axis=1, keepdims=True)
    places = np.searchsorted(answers.classes, truth)
    known = (places < len(answers.classes)) & (answers.classes[np.minimum(places, len(answers.classes) - 1)] == truth)
    picked = (answers.probabilities / sums)[np.arange(len(truth)), np.where(known, places, 0)]
    return float(np.mean(-np.log(np.clip(np.where(known, picked, 0.0), _SMALLEST, 1.0))))


def _rmse(truth: Array, answers: Answers) -> float:
    return float(np.sqrt(np.mean((truth - answers.values) ** 2)))


def _mae(truth: Array, answers: Answers) -> float:
    return float(np.mean(np.abs(truth - answers.values)))


def _r2(truth: Array, answers: Answers) -> float:
    spread = float(np.sum((truth - np.mean(truth)) ** 2))
    missed = float(np.sum((truth - answers.values) ** 2))
    # of targets that are all equal, as scikit-learn has it
    return 1.0 - missed / spread if spread else float(not missed)


METRICS: Mapping[str, Metric] = {
    "accuracy": Metric(_accuracy, higher_is_better=True, of_classes=True),
    "f1_macro": Metric(_f1_macro, higher_is_better=True, of_classes=True),
    "log_loss": Metric(_log_loss, higher_is_better=False, of_classes=True),
    "rmse": Metric(_rmse, higher_is_better=False, of_classes=False),
    "mae": Metric(_mae, higher_is_better=False, of_classes=False),
    "r2": Metric(_r2, higher_is_better=True, of_classes=False),
}


def measured(name: str, truth: Array, answers: Answers, confidence_percent: float) -> Measured:
    """Return a metric of some rows, at least one, with its interval."""
    metric = METRICS[name]
    value = metric.compute(truth, answers)
    if name == "accuracy":
        low, high = wilson(round(value * len(truth)), len(truth), confidence_percent)
    else:
        drawn = [metric.compute(truth[rows], answers.of(rows)) for rows in _draws(len(truth))]
        low, high = _between(drawn, confidence_percent)
    return Measured(value, low, high, len(truth))


def worse_by(name: str, truth: Array, new: Answers, old: Answers, confidence_percent: float) -> Measured:
    """Return by how much one model is worse than another on the same rows, paired; below 0 it is better."""
    metric = METRICS[name]
    sign = -1.0 if metric.higher_is_better else 1.0

    def difference(rows: Array) -> float:
        return sign * (metric.compute(truth[rows], new.of(rows)) - metric.compute(truth[rows], old.of(rows)))

    low, high = _between([difference(rows) for rows in _draws(len(truth))], confidence_percent)
    return Measured(difference(np.arange(len(truth))), low, high, len(truth))


def wilson(successes: int, trials: int, confidence_percent: float) -> tuple[float, float]:
    """Return Wilson's score interval of a share."""
    z = NormalDist().inv_cdf(0.5 + confidence_percent / 200)
    share, weight = successes / trials, z * z / trials
    middle = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * np.sqrt(share * (1 - share) / trials + weight / (4 * trials))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def _draws(rows: int) -> Iterator[NDArray[np.int64]]:
    generator = np.random.default_rng(_SEED)
    for _ in range(_RESAMPLES):
        yield generator.integers(0, rows, rows)


def _between(values: list[float], confidence_percent: float) -> tuple[float, float]:
    outside = (100 - confidence_percent) / 2
    low, high = np.percentile(values, [outside, 100 - outside])
    return float(low), float(high)
