"""How popular the models of a long tail are: the second is asked half as often as the first, the third a third ..."""

import random
from collections.abc import Sequence
from itertools import accumulate

EXPONENT = 1.0


def weights(count: int, exponent: float = EXPONENT) -> list[float]:
    """Return the share of each of so many, the most popular first; they sum to 1."""
    raw = [1 / rank**exponent for rank in range(1, count + 1)]
    return [weight / sum(raw) for weight in raw]


class Popularity:
    """Draws numbers from 1 to a count by Zipf's law."""

    def __init__(self, count: int) -> None:
        self._numbers: Sequence[int] = range(1, count + 1)
        self._sums = list(accumulate(weights(count)))

    def draw(self, chance: random.Random) -> int:
        """Return the next one."""
        return chance.choices(self._numbers, cum_weights=self._sums)[0]
