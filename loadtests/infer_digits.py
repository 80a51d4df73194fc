"""Held-out digits by JSON and by binary tensor, each answer held against what onnxruntime alone gives.

python -m locust -f loadtests/infer_digits.py --headless --host http://127.0.0.1:8080 --users 8 --run-time 15s
"""

import random
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from locust import FastHttpUser, constant_throughput, events, task

from loadtests import limits
from loadtests.wire import HEADER_LENGTH, Encoded, as_binary, as_json, outputs

DIGITS = Path(__file__).parents[1] / "functions" / "examples" / "digits"
PATH = "/v2/models/digits/infer"
SHARE_TOLERANCE = 1e-5

_rows = np.loadtxt(DIGITS / "heldout.csv", delimiter=",", skiprows=1, dtype=np.float32)[:, 1:]
_session = onnxruntime.InferenceSession(str(DIGITS / "digits.onnx"), providers=["CPUExecutionProvider"])
TRUTH = [_session.run(["label", "probabilities"], {"image": row[None]}) for row in _rows]
JSON_REQUESTS = [as_json("image", row[None]) for row in _rows]
BINARY_REQUESTS = [as_binary("image", row[None]) for row in _rows]


class DigitsUser(FastHttpUser):
    """Asks for one digit after another, at most so many a second."""

    abstract = True
    wait_time = constant_throughput(50)
    network_timeout = connection_timeout = 10.0

    def ask(self, kind: str, requests: list[Encoded]) -> None:
        """Send a random one of the requests and check what comes back."""
        number = random.randrange(len(requests))
        headers, body = requests[number]
        with self.client.post(PATH, data=body, headers=headers, name=kind, catch_response=True) as response:
            if response.status_code // 100 == 2 and not right(response, *TRUTH[number]):
                response.failure(limits.WRONG)


class JsonUser(DigitsUser):
    """Sends numbers as text."""

    @task
    def infer(self) -> None:
        """Ask by JSON."""
        self.ask("infer JSON", JSON_REQUESTS)


class BinaryUser(DigitsUser):
    """Sends tensors as bytes."""

    @task
    def infer(self) -> None:
        """Ask by binary tensor."""
        self.ask("infer binary", BINARY_REQUESTS)


def right(response: Any, label: np.ndarray, probabilities: np.ndarray) -> bool:
    """Tell whether the answer holds this label and these probabilities."""
    try:
        found = outputs(response.content, response.headers.get(HEADER_LENGTH))
        same_label = np.array_equal(found["label"], label)
        return same_label and np.allclose(found["probabilities"], probabilities, atol=SHARE_TOLERANCE)
    except (KeyError, TypeError, ValueError):
        return False


@events.quitting.add_listener
def keep_limits(environment: Any, **_: Any) -> None:
    """Show each limit beside what was found, and end with 1 where one is broken."""
    judged = limits.judge(limits.read(), limits.found_in(environment.stats))
    print(limits.table(judged))
    environment.process_exit_code = 0 if all(line.kept for line in judged) else 1
