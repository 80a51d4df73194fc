"""The reply to an event: its id follows from the request's, so that a redelivery is answered by the same event."""

from hashlib import sha256

from poorwill.errors import Fault, InvalidRequestError
from poorwill.events.event import Attribute, Event
from poorwill.events.payload import JSON

_TRACING = ("traceparent", "tracestate")


def reply_to(
    event: Event,
    *,
    type: str,  # noqa: A002 - CloudEvents' own name
    source: str,
    data: bytes | None,
    subject: str | None = None,
    time: str | None = None,
) -> Event:
    """Return the event that answers another with JSON data, in the same trace and the same correlation.

    https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/correlation.md
    https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/distributed-tracing.md

    Raises:
        InvalidRequestError: the reply would have the request's type and loop through its Trigger.
    """
    if type == event.type:
        raise InvalidRequestError(
            Fault("type", "another type than the reply's", "the same", "send the type of a request")
        )
    extensions: dict[str, Attribute] = {name: event.extensions[name] for name in _TRACING if name in event.extensions}
    extensions["correlationid"] = event.extensions.get("correlationid") or event.id
    extensions["causationid"] = event.id
    return Event(
        id=_reply_id(event, type),
        source=source,
        type=type,
        subject=subject,
        time=time,
        datacontenttype=JSON if data else None,
        extensions=extensions,
        data=data,
    )


def _reply_id(event: Event, reply_type: str) -> str:
    # no attribute can hold U+0000, so ("a", "bc") and ("ab", "c") differ
    return sha256(f"{event.source}\0{event.id}\0{reply_type}".encode()).hexdigest()[:32]
