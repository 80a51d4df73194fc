"""Metrics with confidence intervals, and how much worse one model is than another on the same rows; pure.

Accuracy has Wilson's interval (E. B. Wilson, JASA 22, 1927), and a difference of accuracies that of Bonett and Price
(Statistical Methods in Medical Research 21, 2012): both hold where few rows, or none, are wrong. All else has the
bootstrap over rows (B. Efron, Annals of Statistics 7, 1979) with the percentiles that few rows need (T. Hesterberg,
The American Statistician 69, 2015), seeded, so that the same rows give the same interval.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import sqrt
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_SEED, _RESAMPLES, _MOST_RESAMPLES = 0, 1000, 20_000
_BLOCKS, _MANY = 2000, 10  # of so many rows at least
_BEYOND = 10  # resamples that are to lie beyond either end
_SMALLEST = 1e-15  # a probability of 0 would cost infinitely much
_EQUAL = 1e-12  # of a spread that is there by rounding alone


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

    parts: Callable[[Array, Answers], Array]  # what each row has a part in, [rows, parts]
    whole: Callable[[Array], float]  # of the parts' means
    higher_is_better: bool
    of_classes: bool  # else of numbers


def _right(truth: Array, answers: Answers) -> Array:
    return np.asarray(truth == answers.values, np.float64)[:, None]


def _labelled(truth: Array, answers: Answers) -> Array:
    """Return for each label whether a row is said to have it rightly, is said to have it, has it."""
    labels = np.unique(np.concatenate([truth, answers.values]))
    said, is_so = answers.values[:, None] == labels, truth[:, None] == labels
    return np.concatenate([said & is_so, said, is_so], axis=1).astype(np.float64)


def _f1_macro(means: Array) -> float:
    right, said, is_so = means.reshape(3, -1)
    there = said + is_so > 0
    return float(np.mean(2 * right[there] / (said + is_so)[there]))


def _losses(truth: Array, answers: Answers) -> Array:
    assert answers.probabilities is not None  # noqa: S101 - evaluate asks for them
    assert answers.classes is not None  # noqa: S101
    probabilities = np.asarray(answers.probabilities, np.float64)
    places = np.minimum(np.searchsorted(answers.classes, truth), len(answers.classes) - 1)
    picked = probabilities[np.arange(len(truth)), places] / probabilities.sum(axis=1)
    known = answers.classes[places] == truth
    return np.asarray(-np.log(np.clip(np.where(known, picked, 0.0), _SMALLEST, 1.0)))[:, None]


def _misses(truth: Array, answers: Answers) -> Array:
    return np.abs(truth.astype(np.float64) - answers.values)[:, None]


def _squares(truth: Array, answers: Answers) -> Array:
    return _misses(truth, answers) ** 2


def _spreads(truth: Array, answers: Answers) -> Array:
    # from the median, which is exact where all are equal
    off = (truth - np.median(truth))[:, None]
    return np.concatenate([off, off**2, _squares(truth, answers)], axis=1)


def _r2(means: Array) -> float:
    off, squares, missed = means
    spread = squares - off**2
    # of targets that are all equal, as scikit-learn has it
    return float(1 - missed / spread) if spread > _EQUAL * squares else float(not missed)


def _mean(means: Array) -> float:
    return float(means[0])


def _root(means: Array) -> float:
    return sqrt(means[0])


METRICS: Mapping[str, Metric] = {
    "accuracy": Metric(_right, _mean, higher_is_better=True, of_classes=True),
    "f1_macro": Metric(_labelled, _f1_macro, higher_is_better=True, of_classes=True),
    "log_loss": Metric(_losses, _mean, higher_is_better=False, of_classes=True),
    "rmse": Metric(_squares, _root, higher_is_better=False, of_classes=False),
    "mae": Metric(_misses, _mean, higher_is_better=False, of_classes=False),
    "r2": Metric(_spreads, _r2, higher_is_better=True, of_classes=False),
}


def measured(name: str, truth: Array, answers: Answers, confidence_percent: float) -> Measured:
    """Return a metric of some rows, at least one, with its interval."""
    metric, right = METRICS[name], int(np.sum(truth == answers.values))
    rows, counts = _kinds(name, truth, answers)
    parts = metric.parts(truth[rows], answers.of(rows))
    value = metric.whole(counts @ parts / len(truth))
    if name == "accuracy" or (name == "f1_macro" and right == len(truth)):  # no resample would have a wrong row
        low, high = wilson(right, len(truth), confidence_percent)
    else:
        low, high = _bootstrap([parts], counts, metric.whole, confidence_percent)
    return Measured(value, low, high, len(truth))


def worse_by(name: str, truth: Array, new: Answers, old: Answers, confidence_percent: float) -> Measured:
    """Return by how much one model is worse than another on the same rows, paired; below 0 it is better."""
    metric = METRICS[name]
    rows, counts = _kinds(name, truth, new, old)
    both = [metric.parts(truth[rows], answers.of(rows)) for answers in (new, old)]

    def difference(means: Array, olds: Array) -> float:
        found, before = metric.whole(means), metric.whole(olds)
        return before - found if metric.higher_is_better else found - before

    value = difference(*(counts @ parts / len(truth) for parts in both))
    alike = bool(np.all(new.values == old.values))
    if name == "accuracy" or (name == "f1_macro" and alike):  # no resample would tell them apart
        lost = int(np.sum((old.values == truth) & (new.values != truth)))
        won = int(np.sum((new.values == truth) & (old.values != truth)))
        low, high = paired(lost, won, len(truth), confidence_percent)
    else:
        low, high = _bootstrap(both, counts, difference, confidence_percent)
    return Measured(value, low, high, len(truth))


def wilson(successes: int, trials: int, confidence_percent: float) -> tuple[float, float]:
    """Return Wilson's score interval of a share."""
    z = _z(confidence_percent)
    share, weight = successes / trials, z * z / trials
    middle = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * sqrt(share * (1 - share) / trials + weight / (4 * trials))
    # at the ends its limit is the share itself, but for rounding
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    return low, 1.0 if successes == trials else min(1.0, middle + half)


def paired(lost: int, won: int, trials: int, confidence_percent: float) -> tuple[float, float]:
    """Return Bonett and Price's interval of the share lost less the share won, of the same rows."""
    first, second = (lost + 1) / (trials + 2), (won + 1) / (trials + 2)
    half = _z(confidence_percent) * sqrt((first + second - (first - second) ** 2) / (trials + 2))
    return max(-1.0, first - second - half), min(1.0, first - second + half)


def _z(confidence_percent: float) -> float:
    return NormalDist().inv_cdf(0.5 + confidence_percent / 200)


def _kinds(name: str, truth: Array, *several: Answers) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the place of one row of each kind that a metric tells apart, and how many are of its kind."""
    if not METRICS[name].of_classes or name == "log_loss":
        return np.arange(len(truth)), np.ones(len(truth), np.intp)
    said = (answers.values for answers in several)
    codes = np.stack([np.unique(column, return_inverse=True)[1] for column in (truth, *said)])
    _, rows, counts = np.unique(codes, axis=1, return_index=True, return_counts=True)
    return rows, counts


def _bootstrap(
    several: Sequence[Array], counts: NDArray[np.intp], whole: Callable[..., float], confidence_percent: float
) -> tuple[float, float]:
    rows = int(counts.sum())
    tail = _tail_ratio(rows, confidence_percent)
    if len(counts) == rows >= _MANY * _BLOCKS:
        several, counts = [_blocked(parts) for parts in several], np.ones(_BLOCKS, np.intp)
    resamples = int(min(_MOST_RESAMPLES, max(_RESAMPLES, _BEYOND / max(tail, _SMALLEST))))
    drawn = [whole(*(weights @ parts for parts in several)) for weights in _draws(counts, resamples)]
    low, high = np.percentile(drawn, [100 * tail, 100 * (1 - tail)])
    return float(low), float(high)


def _blocked(parts: Array) -> Array:
    """Return the means of blocks of rows thrown together: resamples of them spread as those of many rows do."""
    order = np.random.default_rng(_SEED).permutation(len(parts))
    return np.stack([parts[block].mean(axis=0) for block in np.array_split(order, _BLOCKS)])


def _tail_ratio(rows: int, confidence_percent: float) -> float:
    """Return the share of resamples beyond either end: less than is outside, for of few rows they spread too little."""
    if rows < 2:
        return 0.0
    freedom, z = rows - 1, _z(confidence_percent)
    # Student's quantile by its expansion (Fisher and Cornish, 1960)
    student = z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return NormalDist().cdf(-student * sqrt(rows / freedom))


def _draws(counts: NDArray[np.intp], resamples: int) -> Iterator[Array]:
    """Yield the share of each kind among as many rows, drawn with replacement."""
    generator, rows = np.random.default_rng(_SEED), int(counts.sum())
    for _ in range(resamples):
        if len(counts) == rows:
            yield np.bincount(generator.integers(0, rows, rows), minlength=rows) / rows
        else:
            yield generator.multinomial(rows, counts / rows) / rows
