"""Reply events as an answer, in the mode that the request came in."""

from collections.abc import Sequence

from poorwill.events.codec import Mode, encode_batch, encode_binary, encode_structured
from poorwill.events.event import Event
from poorwill.serving.message import Answer


def event_answer(mode: Mode, replies: Sequence[Event]) -> Answer:
    """Return the answer that carries one reply, or those to a batch; 204 where there is none."""
    if not replies:
        return Answer(204)  # a body that is no event would be an error to a Broker
    if mode is Mode.BATCH:
        headers, body = encode_batch(replies)
    else:
        headers, body = (encode_binary if mode is Mode.BINARY else encode_structured)(replies[0])
    content_type = headers.pop("content-type", "")
    return Answer(200, body, content_type, tuple(headers.items()))
