"""New data counted in the bins of a profile: sums of counts, so that parts seen apart can be put together."""

from collections.abc import Mapping
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from poorwill.pipeline.profile import ColumnProfile, Profile, bin_of
from poorwill.pipeline.table import Numbers, Words

Counts = NDArray[np.int64]


class Seen(NamedTuple):
    """What was seen of one column."""

    rows: int
    missing: int
    fractional: int  # numbers that are not whole
    outside: int  # numbers beyond the reference's range
    lowest: float
    highest: float
    counts: Counts  # in the profile's bins; of text with categories one more, for new ones

    def plus(self, other: "Seen") -> "Seen":
        """Return both together."""
        return Seen(
            self.rows + other.rows,
            self.missing + other.missing,
            self.fractional + other.fractional,
            self.outside + other.outside,
            min(self.lowest, other.lowest),
            max(self.highest, other.highest),
            self.counts + other.counts,
        )


def see(profile: Profile, columns: Mapping[str, Numbers | Words]) -> dict[str, Seen]:
    """Return what some rows hold, for each column that the profile has and that is of its kind."""
    found = {}
    for column in profile.columns:
        values = columns.get(column.name)
        if isinstance(values, Words) and column.kind == "text":
            found[column.name] = _words(column, values)
        elif values is not None and not isinstance(values, Words) and column.kind == "number":
            found[column.name] = _numbers(column, values)
    return found


def together(one: Mapping[str, Seen], other: Mapping[str, Seen]) -> dict[str, Seen]:
    """Return what two parts hold together."""
    return {name: reduce(Seen.plus, [part[name] for part in (one, other) if name in part]) for name in {**one, **other}}


def _numbers(column: ColumnProfile, values: Numbers) -> Seen:
    there = values[~np.isnan(values)]
    lowest = -np.inf if column.lowest is None else column.lowest
    highest = np.inf if column.highest is None else column.highest
    outside = (there < lowest) | (there > highest)
    finite = there[np.isfinite(there)]
    return Seen(
        rows=len(values),
        missing=len(values) - len(there),
        fractional=int((finite != np.trunc(finite)).sum()),
        outside=int(outside.sum()),
        lowest=float(finite.min(initial=np.inf)),
        highest=float(finite.max(initial=-np.inf)),
        counts=np.bincount(bin_of(there, column.edges), minlength=column.bins),
    )


def _words(column: ColumnProfile, words: Words) -> Seen:
    number = {word: at for at, word in enumerate(column.categories)}
    # by code; the last stands for no value, and for none of the categories
    bins = np.array([*(number.get(word, column.bins) for word in words.values), column.bins], np.intp)
    there = words.codes[words.codes >= 0]
    counts = np.bincount(bins[there], minlength=column.bins + 1)
    return Seen(len(words.codes), len(words.codes) - len(there), 0, 0, np.inf, -np.inf, counts)
