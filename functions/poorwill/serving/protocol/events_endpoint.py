"""CloudEvents in, reply events out: Knative's broker takes a 2xx answer only with an event in it, or empty.

A broker delivers again after 404, 408, 409, 429 and 5xx; a request that can never succeed is answered 400, 413 or 415.
"""

from msgspec.structs import replace

from poorwill.errors import Fault, InvalidRequestError, ModelFailedError, PoorwillError
from poorwill.events.codec import Mode, decode
from poorwill.events.event import Attribute, Event, EventType
from poorwill.events.reply import reply_to
from poorwill.serving.message import Answer, Request
from poorwill.serving.predictor import Passage, Predictor, header_length
from poorwill.serving.protocol.event_answer import event_answer
from poorwill.serving.protocol.infer_wire import HEADER_LENGTH
from poorwill.telemetry import now

TENSOR_HEADER = "tensorheaderlength"
"""Extension attribute with what Inference-Header-Content-Length says over plain HTTP; a broker drops other headers."""


class EventEndpoint:
    """Answers events for one served version."""

    __slots__ = ("_constant", "_names", "_predictor", "_source")

    def __init__(self, predictor: Predictor) -> None:
        served = predictor.served
        self._predictor = predictor
        self._source = f"/models/{served.name}/versions/{served.version}"
        self._names = (None, served.name, f"{served.name}@{served.version}")
        self._constant: dict[str, Attribute] = {
            "modelname": served.name,
            "modelversion": served.version,
            "modeldigest": served.digest,
        }

    def answer(self, request: Request, passage: Passage) -> Answer:
        """Answer one event, or a batch of them, in the mode that it came in; 204 where none is for this version.

        Raises:
            InvalidRequestError: with every fault of every event; then none is answered.
        """
        mode, events = decode(request.headers, bytes(request.body))
        replies, faults = [], []
        for number, event in enumerate(events):
            try:
                reply = self._reply(event, request, passage)
            except InvalidRequestError as error:
                prefix = f"events[{number}]." if mode is Mode.BATCH else ""
                faults += [fault._replace(where=f"{prefix}data: {fault.where}") for fault in error.faults]
            else:
                replies += [reply] if reply else []
        if faults:
            raise InvalidRequestError(*faults)
        return event_answer(mode, replies)

    def _reply(self, event: Event, request: Request, passage: Passage) -> Event | None:
        if event.type == EventType.PREDICTION_REQUESTED and event.subject in self._names:
            return self._predicted(event, request, passage)
        return self._handled(event)

    def _predicted(self, event: Event, request: Request, passage: Passage) -> Event:
        headers = {"content-type": event.datacontenttype or "application/json"}
        length = event.extensions.get(TENSOR_HEADER, request.headers.get(HEADER_LENGTH))
        if length is not None:
            headers[HEADER_LENGTH] = str(length)
        answer = self._predictor.infer(event.data or b"", header_length(headers), passage, event.id)
        reply = reply_to(
            event,
            type=EventType.PREDICTION_COMPLETED,
            source=self._source,
            data=answer.body,
            subject=event.subject,
            time=now(),
        )
        # tensors in binary, where the request asks for them, are the one kind of data that isn't JSON
        extensions = reply.extensions | self._constant
        for name, value in answer.headers:
            if name == HEADER_LENGTH:
                extensions[TENSOR_HEADER] = int(value)
        return replace(reply, extensions=extensions, datacontenttype=answer.content_type)

    def _handled(self, event: Event) -> Event | None:
        """Return what the user's own handler replies to an event that is no prediction request."""
        handle = self._predictor.served.handle_event
        if handle is None:
            return None
        from poorwill.events.sdk import from_sdk, to_sdk

        try:
            reply = handle(to_sdk(event), self._predictor.served.model)
        except PoorwillError:
            raise
        except Exception as error:
            found = type(error).__name__
            raise ModelFailedError(Fault("handle_event", "an event or None", found, "mend the function")) from error
        if reply is None:
            return None
        answered = from_sdk(reply)
        if answered.type == event.type:
            found = "the type of the request, which its Trigger would send back"
            raise ModelFailedError(Fault("handle_event", "a reply of another type", found, "mend the function"))
        return answered
