"""Digits by the Open Inference Protocol, as binary tensors."""

from locust import task

from loadtests.digits import BINARY_REQUESTS
from loadtests.users.asking_digits import AskingDigits


class InferBinary(AskingDigits):
    """Sends tensors as bytes."""

    @task
    def infer(self) -> None:
        """Ask by binary tensor."""
        self.ask_for_one("infer binary", BINARY_REQUESTS)
