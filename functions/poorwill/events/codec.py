"""CloudEvents on the wire of HTTP: binary, structured and batched, in and out.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from poorwill.errors import Fault, InvalidRequestError, TooLargeError, UnsupportedMediaError
from poorwill.events import payload
from poorwill.events.attributes import NAMES, build, is_uri_reference
from poorwill.events.event import Event, canonical
from poorwill.events.header_value import escape, unescape

STRUCTURED = "application/cloudevents+json"  # plain: Node's SDK compares it exactly
BATCH = "application/cloudevents-batch+json"

_ATTRIBUTES_LIMIT_BYTES = 65_536
_OBJECTS_LIMIT = 50_000
_FAULTS_LIMIT = 100

# for what can't be decoded, so that one fault isn't told twice
_STANDS_IN = {"specversion": "1.0", "time": "2000-01-01T00:00:00Z", "dataschema": "about:blank"}

_read_event = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read_batch = msgspec.json.Decoder(list[dict[str, msgspec.Raw]]).decode
_read_value = msgspec.json.Decoder().decode
_write = msgspec.json.Encoder().encode


class Mode(StrEnum):
    """How events travel in an HTTP message."""

    BINARY = "binary"  # attributes in headers, the data as body
    STRUCTURED = "structured"  # one JSON document
    BATCH = "batch"  # a JSON array of such documents


class _Bulk(msgspec.Struct):
    """The members of an event that may be large."""

    data: msgspec.Raw = msgspec.Raw()
    data_base64: msgspec.Raw = msgspec.Raw()


def detect(headers: Mapping[str, str]) -> Mode | None:
    """Return the mode of a message, None for one that holds no event in a format that is served."""
    media_type = headers.get("content-type", "")
    if media_type[:23].lower() == "application/cloudevents":
        media_type, _, parameters = media_type.lower().partition(";")
        if "charset" in parameters and "utf-8" not in parameters:
            return None
        return {STRUCTURED: Mode.STRUCTURED, BATCH: Mode.BATCH}.get(media_type.strip())
    if "ce-id" in headers or "ce-type" in headers or "ce-source" in headers or "ce-specversion" in headers:
        return Mode.BINARY
    return None


def decode(headers: Mapping[str, str], body: bytes, *, limit_bytes: int | None = None) -> tuple[Mode, list[Event]]:
    """Return a message's mode and its events: one, or for a batch any number.

    Args:
        headers: names in lower case; values as HTTP hands them over, which is in Latin-1.
        body: without content encoding.
        limit_bytes: largest body.

    Raises:
        UnsupportedMediaError: no event, or an event format other than JSON.
        InvalidRequestError: with every fault (of a batch the first hundred).
        TooLargeError: a body over the limit, or over 64 KiB for an event's attributes.
    """
    mode = detect(headers)
    if mode is None:
        wanted = f"a CloudEvent: ce- headers, {STRUCTURED} or {BATCH}, in UTF-8"
        raise UnsupportedMediaError(Fault("content-type", wanted, "another message", "send a CloudEvent"))
    if limit_bytes is not None and len(body) > limit_bytes:
        raise TooLargeError(Fault("body", f"at most {limit_bytes} bytes", f"{len(body)} bytes", "send less at once"))
    faults: list[Fault] = []
    if mode is Mode.BINARY:
        events = [_from_headers(headers, body, faults)]
    elif mode is Mode.STRUCTURED:
        events = [_from_members(_members(body, _read_event, _Bulk), "", faults)]
    else:
        events = _from_batch(body, faults)
    if faults:
        raise InvalidRequestError(*faults)
    return mode, [event for event in events if event is not None]


def encode_binary(event: Event) -> tuple[dict[str, str], bytes]:
    """Return headers and body of an event in binary mode."""
    headers = {f"ce-{name}": escape(canonical(value)) for name, value in event.attributes().items()}
    if event.datacontenttype is not None:
        del headers["ce-datacontenttype"]
        headers["content-type"] = event.datacontenttype
    return headers, event.data or b""


def encode_structured(event: Event) -> tuple[dict[str, str], bytes]:
    """Return headers and body of an event in structured mode."""
    return {"content-type": STRUCTURED}, _write(_document(event))


def encode_batch(events: Iterable[Event]) -> tuple[dict[str, str], bytes]:
    """Return headers and body of several events as a batch."""
    return {"content-type": BATCH}, _write([_document(event) for event in events])


def _from_headers(headers: Mapping[str, str], body: bytes, faults: list[Fault]) -> Event | None:
    attributes: dict[str, str] = {}
    for header, value in headers.items():
        if header[:3] != "ce-":
            continue
        name = header[3:]
        try:
            text = unescape(value)
        except ValueError:
            where = header if name in NAMES else "ce-(extension)"
            faults.append(Fault(where, "percent-encoded UTF-8", "bytes that aren't UTF-8", "encode the value"))
            attributes[name] = _STANDS_IN.get(name, "1")
            continue
        if text != value and name in {"source", "dataschema"} and not is_uri_reference(text):
            text = value.strip()  # of a sender that doesn't encode: a URI's own %20 is not the binding's
        attributes[name] = text
    if "datacontenttype" in attributes:
        faults.append(Fault("ce-datacontenttype", "none", "one", "send it as Content-Type"))
    if "content-type" in headers:
        attributes["datacontenttype"] = headers["content-type"]
    return build(attributes, body, "ce-", faults)


def _from_batch(body: bytes, faults: list[Fault]) -> list[Event | None]:
    # a batch of a few bytes an object would fill the memory before any of it is looked at
    objects = body.count(b"{")
    if objects > _OBJECTS_LIMIT:
        raise TooLargeError(
            Fault("body", f"at most {_OBJECTS_LIMIT} JSON objects", f"{objects}", "send smaller batches")
        )
    events = []
    for at, members in enumerate(_members(body, _read_batch, list[_Bulk])):
        events.append(_from_members(members, f"events[{at}].", faults))
        if len(faults) >= _FAULTS_LIMIT:
            break
    return events


def _members(body: bytes, read: Any, bulk: Any) -> Any:
    """Return the decoded outline of the body; attributes of more than 64 KiB an event are refused unread."""
    try:
        body.decode()
        if len(body) > _ATTRIBUTES_LIMIT_BYTES:
            _check_bulk(len(body), msgspec.json.decode(body, type=bulk))
        return read(body)
    except msgspec.ValidationError:
        found = "another JSON type"
    except msgspec.MsgspecError:
        found = "bytes that aren't JSON"
    except UnicodeDecodeError:
        found = "bytes that aren't UTF-8"
    except RecursionError:
        found = "too deep a nesting"
    wanted = "a JSON object" if read is _read_event else "a JSON array of objects"
    raise InvalidRequestError(Fault("body", wanted, found, "send events in CloudEvents' JSON format"))


def _check_bulk(size_bytes: int, bulk: _Bulk | list[_Bulk]) -> None:
    parts = bulk if isinstance(bulk, list) else [bulk]
    rest_bytes = size_bytes - sum(len(bytes(part.data)) + len(bytes(part.data_base64)) for part in parts)
    limit_bytes = _ATTRIBUTES_LIMIT_BYTES * max(1, len(parts))
    if rest_bytes > limit_bytes:
        raise TooLargeError(
            Fault("body", f"at most {limit_bytes} bytes of attributes", f"{rest_bytes}", "put the rest into the data")
        )


def _from_members(members: dict[str, msgspec.Raw], where: str, faults: list[Fault]) -> Event | None:
    attributes: dict[str, Any] = {}
    for name, raw in members.items():
        if name in {"data", "data_base64"}:
            continue
        try:
            attributes[name] = _read_value(raw)
        except (msgspec.MsgspecError, RecursionError):  # a number that no float holds
            attributes[name] = float("inf")
    content_type = attributes.get("datacontenttype")
    if content_type is None and "data" in members:
        attributes["datacontenttype"] = content_type = payload.JSON  # what the format implies
    data = payload.read(members, content_type, where, faults)
    return build(attributes, data, where, faults)


def _document(event: Event) -> dict[str, Any]:
    document: dict[str, Any] = {
        name: canonical(value) if isinstance(value, bytes) else value for name, value in event.attributes().items()
    }
    return document | payload.write(event)
