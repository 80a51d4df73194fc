"""Events that nobody took, kept in the store for people to look at: the same place on the twin and on a cluster."""

import binascii
import re
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from typing import Any

import msgspec

from poorwill.errors import ConflictError, Fault, NotFoundError
from poorwill.events.codec import STRUCTURED, decode, encode_structured
from poorwill.events.event import Event, canonical
from poorwill.pipeline.keys import DEAD_LETTERS
from poorwill.registry.lookup import decode_record
from poorwill.store.port import ObjectStore
from poorwill.telemetry import now

_HEX_DIGITS = 32
_ID = re.compile(r"[0-9a-f]{32}")
_DESTINATION, _CODE, _SAID = "knativeerrordest", "knativeerrorcode", "knativeerrordata"
_OF_DELIVERY = frozenset({_DESTINATION, _CODE, _SAID, "knativearrivaltime", "knativebrokerttl"})


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


def dead_letters(store: ObjectStore) -> Iterator[DeadLetter]:
    """Yield all that is kept, the newest first."""
    names = [entry.key.removeprefix(DEAD_LETTERS).removesuffix(".json") for entry in store.list(DEAD_LETTERS)]
    yield from sorted((find_dead_letter(store, name) for name in names), key=lambda letter: letter.time, reverse=True)


def find_dead_letter(store: ObjectStore, letter_id: str) -> DeadLetter:
    """Return what is kept under an id; raise NotFoundError where nothing is."""
    fault = Fault("dead letter", "one that is kept", "none of that id", "`poorwill deadletters list` has the ids")
    if not _ID.fullmatch(letter_id):
        raise NotFoundError(fault)
    try:
        return decode_record(store.get(f"{DEAD_LETTERS}{letter_id}.json").data, DeadLetter)
    except NotFoundError:
        raise NotFoundError(fault) from None


def dead_letter_document(letter: DeadLetter) -> dict[str, Any]:
    """Return a dead letter for people and scripts: who did not take it, and what that one said."""
    event = letter.event
    kept = {name: event.get(name, "") for name in ("type", "source", "subject")}
    said = {"destination": event.get(_DESTINATION, ""), "code": event.get(_CODE, ""), "said": _words(event)}
    return {"id": letter.id, "time": letter.time, "event_id": event.get("id", ""), **kept, **said}


def revived(letter: DeadLetter) -> Event:
    """Return the event as it was before its delivery failed: the same source and id, so what was done stays done."""
    attributes = {name: value for name, value in letter.event.items() if name not in _OF_DELIVERY}
    _, (event,) = decode({"content-type": STRUCTURED}, msgspec.json.encode(attributes))
    return event


def _words(event: dict[str, Any]) -> str:
    try:
        return binascii.a2b_base64(str(event.get(_SAID, ""))).decode(errors="replace")
    except binascii.Error:
        return ""
