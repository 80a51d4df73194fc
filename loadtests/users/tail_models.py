"""Many models, few calls: which one is asked is drawn by Zipf's law, and when, by chance as callers come."""

import random

import numpy as np
from locust import task

from loadtests import tail_model
from loadtests.users.asking import Answer, Asking
from loadtests.wire import as_json
from loadtests.zipf import Popularity

PAUSE_SECONDS = 4.0  # on average


class TailModels(Asking):
    """Asks one of --tail models after another."""

    def on_start(self) -> None:
        """Learn how many there are."""
        self._chance = random.Random()
        self._popularity = Popularity(self.environment.parsed_options.tail)

    def wait_time(self) -> float:
        """Return a pause, so that calls come as strangers' do: independent of each other."""
        return self._chance.expovariate(1 / PAUSE_SECONDS)

    @task
    def infer(self) -> None:
        """Ask one of them."""
        number = self._popularity.draw(self._chance)
        asked = np.array([[self._chance.uniform(-1, 1) for _ in range(tail_model.ROWS)]], np.float32)
        truth = tail_model.answer(number, asked)
        self.ask(
            "tail model", tail_model.name(number), as_json("input", asked), lambda answer: _is(answer, number, truth)
        )


def _is(answer: Answer, number: int, truth: np.ndarray) -> bool:
    same = np.allclose(answer.outputs["output"], truth, atol=tail_model.TOLERANCE)
    return bool(same) and answer.model == tail_model.name(number)
