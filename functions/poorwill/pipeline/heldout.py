"""Which rows are held out from training: decided by what a row holds, never by where it stands.

So the same row is held out in next month's file, in another order or format, and equal rows are never parted:
a model is never judged by what it, or the version before it, was trained on. The target has no say.
"""

from collections.abc import Mapping
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from poorwill.pipeline.table import Batch, Numbers, Words

Hashes = NDArray[np.uint64]

_BITS = 64
_STEP, _FIRST, _SECOND = (np.uint64(word) for word in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


def held_out(batch: Batch, target: str, heldout_percent: float) -> NDArray[np.bool_]:
    """Return for each row of a batch whether it is held out."""
    features = {name: values for name, values in batch.columns.items() if name != target}
    # as a float, 2**64 - 1 rounds up; what is beyond it is all
    below = heldout_percent / 100 * 2.0**_BITS
    hashes = _row_hashes(features, batch.rows)
    return np.ones(batch.rows, np.bool_) if below >= 2.0**_BITS else hashes < np.uint64(below)


def mixed(words: Hashes) -> Hashes:
    """Return 64 bits for 64 bits, each as good as thrown by a coin (splitmix64, public domain)."""
    words = words + _STEP
    words = (words ^ (words >> np.uint64(30))) * _FIRST
    words = (words ^ (words >> np.uint64(27))) * _SECOND
    return words ^ (words >> np.uint64(31))


def _row_hashes(columns: Mapping[str, Numbers | Words], rows: int) -> Hashes:
    # a sum, so that the order of columns is none of it
    total = np.zeros(rows, np.uint64)
    for name, values in columns.items():
        total += mixed(_value_hashes(values) ^ _word_hash(name))
    return mixed(total)


def _value_hashes(values: Numbers | Words) -> Hashes:
    if isinstance(values, Words):
        by_code = np.array([*map(_word_hash, values.values), 0], np.uint64)  # -1 is the last
        return by_code[values.codes]
    with np.errstate(over="ignore"):
        singles = values.astype(np.float32) + np.float32(0)  # as models read them; -0 becomes 0
    singles[np.isnan(singles)] = np.nan  # there are many
    return singles.view(np.uint32).astype(np.uint64)


def _word_hash(word: str) -> np.uint64:
    return np.uint64(int.from_bytes(sha256(word.encode()).digest()[:8], "big"))
