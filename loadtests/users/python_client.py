"""Digits by poorwill.Client, as a program of a user's own asks."""

import random
import time

from locust import User, constant_throughput, task

from loadtests.asked import PATIENCE_SECONDS, Asked, Outcome, refused
from loadtests.digits import MODEL, ROWS, right
from loadtests.session import RECORDER
from poorwill import Client
from poorwill.errors import PoorwillError

KIND = "Python client"


class PythonClient(User):
    """Has a client of its own, and asks it for one digit after another."""

    wait_time = constant_throughput(25)

    def on_start(self) -> None:
        """Make the client."""
        header = self.environment.parsed_options.host_header.format(model=MODEL)
        self._client = Client(self.host, host=header, timeout_seconds=PATIENCE_SECONDS)

    def on_stop(self) -> None:
        """Close its connections."""
        self._client.close()

    @task
    def predict(self) -> None:
        """Ask once, and record what became of it."""
        number = random.randrange(len(ROWS))
        sent_seconds, began = time.time(), time.perf_counter()
        version, start_ms, length_bytes, said = "", 0.0, 0, ""
        try:
            answer = self._client.predict(MODEL, {"image": ROWS[number][None]})
            outcome = Outcome.RIGHT if right(number, answer.digest, answer.outputs) else Outcome.WRONG
            version, start_ms = answer.version, answer.server_timing_ms.get("start", 0.0)
            length_bytes = sum(output.nbytes for output in answer.outputs.values())
        except PoorwillError as error:
            outcome = Outcome.ERROR if error.request_id else Outcome.LOST  # a refusal has the server's request id
            waited_ms = (time.perf_counter() - began) * 1000
            said = str(error.status) if error.request_id else refused(0, {}, waited_ms)
        took_ms = (time.perf_counter() - began) * 1000
        RECORDER.add(Asked(KIND, MODEL, version, sent_seconds, took_ms, str(outcome), start_ms, said))
        self.environment.events.request.fire(
            request_type="CLIENT",
            name=KIND,
            response_time=took_ms,
            response_length=length_bytes,
            exception=None if outcome == Outcome.RIGHT else RuntimeError(str(outcome)),
            context={},
        )
