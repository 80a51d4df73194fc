"""Events to and from the `cloudevents` package's CloudEvent, which users' functions and the client's callers hold."""

import json
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec

from poorwill.errors import Fault, InvalidRequestError
from poorwill.events.attributes import build
from poorwill.events.event import Event
from poorwill.events.payload import JSON, is_json

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent as CloudEvent  # noqa: PLC0414 - exported: the one file that imports it


def to_sdk(event: Event) -> "CloudEvent":
    """Return the package's event; data is a Python value where the content type is JSON, else bytes."""
    from cloudevents.http import CloudEvent

    attributes: Any = event.attributes()  # the package's hint has only strings; its code takes all types
    sdk_event = CloudEvent(attributes, _value(event))
    if event.time is None:
        del sdk_event["time"]  # the package makes one up
    return sdk_event


def from_sdk(sdk_event: "CloudEvent") -> Event:
    """Return the event of the package's.

    Raises:
        InvalidRequestError: with every fault; the package checks only that the required attributes are there.
    """
    attributes = {name: _plain(value) for name, value in sdk_event.get_attributes().items()}
    faults: list[Fault] = []
    data = _data(sdk_event.get_data(), attributes, faults)
    event = build(attributes, data, "", faults)
    if event is None or faults:
        raise InvalidRequestError(*faults)
    return event


def _value(event: Event) -> Any:
    if event.data and event.datacontenttype is not None and is_json(event.datacontenttype):
        try:
            return msgspec.json.decode(event.data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return event.data
    return event.data


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _data(value: Any, attributes: dict[str, Any], faults: list[Fault]) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    content_type = attributes.get("datacontenttype") or JSON
    attributes["datacontenttype"] = content_type
    try:
        if isinstance(value, str) and isinstance(content_type, str) and not is_json(content_type):
            return value.encode()
        return json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError):
        wanted = "bytes, text, or what JSON can hold"
        faults.append(Fault("data", wanted, type(value).__name__, "convert the data"))
        return None
