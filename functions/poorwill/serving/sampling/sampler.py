"""Sends a share of what a version answered to a Broker, beside the requests: what can't be sent is counted and dropped.

A sample that is lost costs a row of a statistic, so nothing waits for one and nothing is sent twice.
"""

import os
from collections import deque
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Event as Flag
from threading import Lock, Thread
from time import monotonic
from urllib.parse import urlsplit

import msgspec
import numpy as np

from poorwill.errors import Fault, UsageError
from poorwill.events.codec import encode_binary
from poorwill.events.event import Event, EventType
from poorwill.events.payload import JSON
from poorwill.serving.predictor import Served
from poorwill.serving.sampling.rows import MOST_COLUMNS, Part, RowChoice
from poorwill.serving.sampling.sampled import SAMPLED, Prediction, SampledPredictions
from poorwill.settings import Settings
from poorwill.telemetry import Log, now

_MOST_WAITING = 256  # requests
_MOST_VALUES = 2000  # of an event, which stays below 64 kB
_GATHER_SECONDS = 1.0  # so that a busy version sends an event a second
_TIMEOUT_SECONDS, _LAST_SECONDS = 5.0, 3.0
_TOLD_EVERY_SECONDS = 60.0


class Sampler:
    """Takes what was answered, sends it from a thread of its own that sleeps while nothing comes.

    Raises:
        UsageError: the settings name no Broker, or what the version does not have.
    """

    def __init__(self, served: Served, settings: Settings, log: Log) -> None:
        self._served, self._log = served, log
        self._choice = RowChoice(served.model.signature, settings.sample_without)
        self._place, self._path, self._host = _broker(settings)
        self._secure = settings.broker_url.startswith("https:") and not settings.gateway
        self._ratio, self._due = settings.sample_ratio, 0.0
        self._waiting: deque[Part] = deque()
        self._some, self._closing, self._starting = Flag(), Flag(), Lock()
        self._thread: Thread | None = None
        self._told_at = -_TOLD_EVERY_SECONDS
        self._id_prefix, self._sent_events = os.urandom(8).hex(), 0
        self.sent, self.dropped = 0, 0
        if self._choice.inputs_left_out:
            found = f"inputs of which no row has at most {MOST_COLUMNS} numbers"
            log.line("WARNING", "samples hold outputs alone", found=found)

    def offer(self, prediction_id: str, inputs: Mapping[str, np.ndarray], outputs: Mapping[str, np.ndarray]) -> None:
        """Take one answered request, if it is of the share; costs an addition if it is not."""
        self._due += self._ratio
        if self._due < 1:
            return
        self._due -= 1  # two threads at once lose a sample at most
        if len(self._waiting) >= _MOST_WAITING:
            self.dropped += 1
            return
        self._waiting.append(self._choice.part(prediction_id, inputs, outputs))
        if self._thread is None:
            self._start()
        self._some.set()

    def close(self) -> None:
        """Send what still waits, for some seconds at most."""
        self._closing.set()
        self._some.set()
        if self._thread is not None:
            self._thread.join(_LAST_SECONDS)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=self._run, daemon=True, name="sampler")
                self._thread.start()

    def _run(self) -> None:
        last = False
        while not last:
            self._some.wait()
            last = self._closing.wait(_GATHER_SECONDS)
            self._some.clear()
            for predictions in self._events():
                self._send(predictions)

    def _events(self) -> Iterator[tuple[Prediction, ...]]:
        """Yield what waits, in events' sizes."""
        gathered: list[Prediction] = []
        values = 0
        while self._waiting:
            for prediction in self._choice.predictions(self._waiting.popleft()):
                size = len(prediction.inputs) + sum(
                    len(value) if isinstance(value, list) else 1 for value in prediction.outputs.values()
                )
                if gathered and values + size > _MOST_VALUES:
                    yield tuple(gathered)
                    gathered, values = [], 0
                gathered.append(prediction)
                values += size
        if gathered:
            yield tuple(gathered)

    def _send(self, predictions: tuple[Prediction, ...]) -> None:
        headers, body = encode_binary(self._event(predictions))
        try:
            connect = HTTPSConnection if self._secure else HTTPConnection
            connection = connect(self._place, timeout=_TIMEOUT_SECONDS)
            try:
                connection.request("POST", self._path, body, {**headers, "host": self._host})
                status = connection.getresponse().status
            finally:
                connection.close()
            found = "" if 200 <= status < 300 else f"HTTP {status}"
        except (OSError, HTTPException) as error:
            found = type(error).__name__
        if not found:
            self.sent += len(predictions)
            return
        self.dropped += len(predictions)
        if monotonic() - self._told_at >= _TOLD_EVERY_SECONDS:
            self._told_at = monotonic()
            self._log.line("WARNING", "samples not sent", found=found, dropped=self.dropped)

    def _event(self, predictions: tuple[Prediction, ...]) -> Event:
        served = self._served
        self._sent_events += 1
        data = SampledPredictions(
            model=served.name,
            version=int(served.version),
            digest=served.digest,
            redacted=self._choice.redacted,
            predictions=predictions,
        )
        return Event(
            id=f"{self._id_prefix}-{self._sent_events}",
            source=f"/models/{served.name}/versions/{served.version}",
            type=EventType.PREDICTION_COMPLETED,
            subject=f"{served.name}@{served.version}",
            time=now(),
            datacontenttype=JSON,
            extensions={SAMPLED: True, "modelname": served.name, "modelversion": served.version},
            data=msgspec.json.encode(data),
        )


def _broker(settings: Settings) -> tuple[str, str, str]:
    """Return where to connect, the path there, and the host that is meant."""
    parts = urlsplit(settings.broker_url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        advice = "http://broker-ingress.knative-eventing.svc.cluster.local/NAMESPACE/BROKER"
        found = "another text" if settings.broker_url else "none, though predictions are sampled"
        raise UsageError(Fault("--broker-url (POORWILL_BROKER_URL)", "a Broker's URL", found, advice))
    return settings.gateway or parts.netloc, parts.path or "/", parts.netloc
