"""One version at work: request bytes in, answer bytes out, by way of decode, model, encode."""

from collections.abc import Callable, Mapping
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from poorwill.errors import Fault, InvalidRequestError, UnsupportedMediaError
from poorwill.serving.message import JSON, Answer
from poorwill.serving.model import Model
from poorwill.serving.protocol import v1
from poorwill.serving.protocol.infer_decode import InferDecoder
from poorwill.serving.protocol.infer_encode import BINARY, InferEncoder
from poorwill.serving.protocol.infer_wire import HEADER_LENGTH, Call

if TYPE_CHECKING:
    from poorwill.serving.sampling.sampler import Sampler

EventHandler = Callable[[Any, Model], Any]
"""A user's own: takes a `cloudevents` CloudEvent and the model, returns a CloudEvent as the reply, or None."""


class Sample(NamedTuple):
    """A request that warms a version up: an infer request in JSON, or a raw tensor such as a picture."""

    body: bytes
    raw: bool = False


class Served(NamedTuple):
    """What is served: `name@version`, its digest (sha256:<hex>), and the model itself."""

    name: str
    version: str
    digest: str
    platform: str
    model: Model
    handle_event: EventHandler | None = None


_MOST_DIGITS = 16


class Passage:
    """One request's way: its id, and when it was taken, decoded, and through the model (0 for not yet)."""

    __slots__ = ("decoded_ns", "ran_ns", "request_id", "start_ns")

    def __init__(self, request_id: str, start_ns: int) -> None:
        self.request_id = request_id
        self.start_ns = start_ns
        self.decoded_ns = 0
        self.ran_ns = 0


class Predictor:
    """Decodes, runs and encodes for one served version; safe for several threads.

    Args:
        served: the version.
        sampler: is offered every prediction, None where none is sampled.
    """

    __slots__ = ("_decode", "_encode", "_model", "_sampler", "served")

    def __init__(self, served: Served, sampler: "Sampler | None" = None) -> None:
        self.served = served
        self._sampler = sampler
        self._model = served.model
        self._decode = InferDecoder(served.model.signature).decode
        self._encode = InferEncoder(served.model.signature, model=served.name, version=served.version).encode

    def infer(
        self, body: bytes | bytearray | memoryview, header_length: int | None, passage: Passage, prediction_id: str = ""
    ) -> Answer:
        """Answer an Open Inference Protocol request.

        Args:
            body: of the request.
            header_length: of its JSON part, None for all of it.
            passage: of the request.
            prediction_id: by which feedback names the prediction; "" for the request's id.

        Raises:
            InvalidRequestError: with every fault of the request.
            ModelFailedError: the model failed on inputs that its signature allows.
        """
        call = self._decode(body, header_length)
        passage.decoded_ns = perf_counter_ns()
        wanted = None if call.outputs is None else [output.name for output in call.outputs]
        outputs = self._model.run(call.inputs, wanted)
        passage.ran_ns = perf_counter_ns()
        if self._sampler is not None:
            self._sampler.offer(prediction_id or passage.request_id, call.inputs, outputs)
        return self._encode(call, outputs)

    def decode(self, body: bytes | bytearray | memoryview, header_length: int | None) -> Call:
        """Return what an infer request asks for; raises as `infer` does."""
        return self._decode(body, header_length)

    def encode(self, call: Call, outputs: Mapping[str, np.ndarray], prediction_id: str) -> Answer:
        """Return the answer to a call that ran; raises as `infer` does."""
        if self._sampler is not None:
            self._sampler.offer(prediction_id, call.inputs, outputs)
        return self._encode(call, outputs)

    def predict_v1(self, body: bytes | bytearray | memoryview, passage: Passage) -> Answer:
        """Answer a `:predict` request; raises as `infer` does."""
        signature = self._model.signature
        inputs, rows = v1.decode(body, signature)
        passage.decoded_ns = perf_counter_ns()
        outputs = self._model.run(inputs, None)
        passage.ran_ns = perf_counter_ns()
        if self._sampler is not None:
            self._sampler.offer(passage.request_id, inputs, outputs)
        return v1.encode(outputs, signature, rows)


def header_length(headers: Mapping[str, str]) -> int | None:
    """Return the value of Inference-Header-Content-Length, None where the body is JSON alone.

    Raises:
        InvalidRequestError: not a number.
        UnsupportedMediaError: neither that header nor JSON.
    """
    text = headers.get(HEADER_LENGTH)
    if text is not None:
        if text.isascii() and text.isdigit() and len(text) < _MOST_DIGITS:
            return int(text)
        raise InvalidRequestError(
            Fault(HEADER_LENGTH, "a number of bytes", "something else", "send the length of the JSON part")
        )
    content_type = headers.get("content-type", JSON)
    if content_type != JSON and content_type.partition(";")[0].strip().lower() != JSON:
        found = BINARY if content_type == BINARY else "another type"
        raise UnsupportedMediaError(
            Fault("content-type", f"{JSON}, or the header {HEADER_LENGTH}", found, "send JSON, or say where it ends")
        )
    return None
