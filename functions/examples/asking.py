"""The digit recogniser, asked in three ways: as JSON, as a binary tensor, and by an event that is answered by one."""

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from poorwill import Client

if TYPE_CHECKING:
    from collections.abc import Callable


class Answer(NamedTuple):
    """What came back for one image, from which version, and after how long."""

    label: int
    probability: float
    version: str
    took_ms: float


def by_json(client: Client, image: np.ndarray) -> Answer:
    """Ask with numbers as text."""
    return _predicted(client, image, binary=False)


def by_binary(client: Client, image: np.ndarray) -> Answer:
    """Ask with the tensor's own bytes."""
    return _predicted(client, image, binary=True)


def by_event(client: Client, image: np.ndarray) -> Answer:
    """Ask by an event, which a reply event answers."""
    from cloudevents.http import CloudEvent

    tensor = {"name": "image", "datatype": "FP32", "shape": image.shape, "data": image.ravel().tolist()}
    attributes = {"type": "dev.poorwill.prediction.requested", "source": "/make/run", "subject": "digits"}
    event = CloudEvent(attributes, {"inputs": [tensor]})
    began = time.perf_counter()
    reply = client.send(event)
    took_ms = (time.perf_counter() - began) * 1000
    data = reply.get_data() if reply else None
    if data is None:
        raise SystemExit("run: wanted a reply event with data, found none")
    outputs = {output["name"]: output["data"] for output in data["outputs"]}
    return Answer(outputs["label"][0], max(outputs["probabilities"]), data["model_version"], took_ms)


WAYS: "dict[str, Callable[[Client, np.ndarray], Answer]]" = {
    "JSON": by_json,
    "binary tensor": by_binary,
    "CloudEvent": by_event,
}


def _predicted(client: Client, image: np.ndarray, *, binary: bool) -> Answer:
    began = time.perf_counter()
    prediction = client.predict("digits", {"image": image}, binary=binary)
    took_ms = (time.perf_counter() - began) * 1000
    outputs = prediction.outputs
    return Answer(int(outputs["label"][0]), float(outputs["probabilities"].max()), prediction.version, took_ms)
