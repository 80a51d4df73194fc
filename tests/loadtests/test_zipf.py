"""Popularity in a long tail."""

import random
from collections import Counter

import pytest

from loadtests.zipf import Popularity, weights


def test_the_second_is_half_as_popular_as_the_first_and_the_tenth_a_tenth():
    found = weights(200)

    assert found[0] / found[1] == pytest.approx(2)
    assert found[0] / found[9] == pytest.approx(10)
    assert sum(found) == pytest.approx(1)


def test_models_are_drawn_as_often_as_they_are_popular():
    chance, popularity = random.Random(7), Popularity(5)
    drawn = Counter(popularity.draw(chance) for _ in range(20_000))

    for number, weight in enumerate(weights(5), 1):
        # within 4.5 standard deviations
        assert abs(drawn[number] - 20_000 * weight) < 4.5 * (20_000 * weight * (1 - weight)) ** 0.5
    assert set(drawn) == {1, 2, 3, 4, 5}
