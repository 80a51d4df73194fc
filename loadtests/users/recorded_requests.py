"""A recorded log again: each request at its own moment with its own body, however slow answers are."""

import time

import gevent
import numpy as np
from locust import task
from locust.exception import StopUser

from loadtests.recorded import Recorded, due_seconds, read
from loadtests.users.asking import Answer, Asking, Check
from loadtests.wire import HEADER_LENGTH, Encoded, outputs

KIND = "replay"
TOLERANCE = 1e-5
MOST_AT_ONCE = 1000


class RecordedRequests(Asking):
    """Sends them all; one user is enough, since each request has a greenlet of its own."""

    fixed_count = 1
    concurrency = MOST_AT_ONCE

    @task
    def replay(self) -> None:
        """Send the log once."""
        options = self.environment.parsed_options
        requests = read(options.recorded)
        began, sent = time.monotonic(), []
        for one, due in zip(requests, due_seconds(requests, options.stretch), strict=True):
            gevent.sleep(max(0.0, began + due - time.monotonic()))
            sent.append(gevent.spawn(self._send, one))
        gevent.joinall(sent)
        raise StopUser

    def _send(self, one: Recorded) -> None:
        self.ask(KIND, one.model, Encoded(dict(one.headers), one.body_bytes), _check(one), one.path)


def _check(recorded: Recorded) -> Check:
    """Return what holds an answer against the recorded one: the same version has to answer the same."""
    truth = outputs(recorded.answer_bytes, recorded.answer_headers.get(HEADER_LENGTH.lower()))

    def check(answer: Answer) -> bool:
        if answer.outputs.keys() != truth.keys():
            return False
        same_version = answer.digest == recorded.digest
        return not same_version or all(np.allclose(answer.outputs[name], truth[name], atol=TOLERANCE) for name in truth)

    return check
