"""An event as the bytes that the journal keeps: every attribute of its type, the data as it is."""

from typing import Any

import msgspec

from poorwill.events.event import Event

_FIELDS = Event.__struct_fields__
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[Any, ...]).decode


def packed(event: Event) -> bytes:
    """Return an event's bytes."""
    return _encode(msgspec.structs.astuple(event))


def unpacked(record: bytes) -> Event:
    """Return the event of such bytes."""
    return Event(**dict(zip(_FIELDS, _decode(record), strict=True)))
