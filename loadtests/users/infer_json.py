"""Digits by the Open Inference Protocol, as numbers in JSON."""

from locust import task

from loadtests.digits import JSON_REQUESTS
from loadtests.users.asking_digits import AskingDigits


class InferJson(AskingDigits):
    """Sends numbers as text."""

    @task
    def infer(self) -> None:
        """Ask by JSON."""
        self.ask_for_one("infer JSON", JSON_REQUESTS)
