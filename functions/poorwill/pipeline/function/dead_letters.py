"""Events that nobody took, kept in the store for people to look at: the same place on the twin and on a cluster."""

from contextlib import suppress
from hashlib import sha256
from typing import Any

import msgspec

from poorwill.errors import ConflictError
from poorwill.events.codec import encode_structured
from poorwill.events.event import Event, canonical
from poorwill.pipeline.keys import DEAD_LETTERS
from poorwill.store.port import ObjectStore
from poorwill.telemetry import now

_HEX_DIGITS = 32
_DESTINATION = "knativeerrordest"


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """An event that could not be delivered; written once."""

    format: int = 1
    id: str  # of this record
    event: dict[str, Any]  # in CloudEvents' JSON format, knativeerrordest, -code and -data among its attributes
    time: str  # when it came here; RFC 3339, UTC


def keep_dead_letter(store: ObjectStore, event: Event) -> str:
    """Keep an event, once for each destination that did not take it; return the record's id."""
    parts = (event.source, event.id, canonical(event.extensions.get(_DESTINATION, "")))
    letter_id = sha256("\0".join(parts).encode()).hexdigest()[:_HEX_DIGITS]
    _, body = encode_structured(event)
    letter = DeadLetter(id=letter_id, event=msgspec.json.decode(body), time=now())
    with suppress(ConflictError):  # it is there: this is another delivery of it
        store.put_if_absent(f"{DEAD_LETTERS}{letter_id}.json", msgspec.json.encode(letter))
    return letter_id
