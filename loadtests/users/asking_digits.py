"""A user who asks for one held-out digit after another."""

import random

from locust import constant_throughput

from loadtests.digits import MODEL, right
from loadtests.users.asking import Asking
from loadtests.wire import Encoded


class AskingDigits(Asking):
    """Asks for a random digit, at most so many a second."""

    abstract = True
    wait_time = constant_throughput(25)

    def ask_for_one(self, kind: str, requests: list[Encoded]) -> None:
        """Send a random one of the requests."""
        number = random.randrange(len(requests))
        self.ask(kind, MODEL, requests[number], lambda answer: right(number, answer.digest, answer.outputs))
