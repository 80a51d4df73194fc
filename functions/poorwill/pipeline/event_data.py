"""The data of events that functions of a pipeline take, and the one way to refuse it."""

from typing import TypeVar

import msgspec

from poorwill.errors import Fault, InvalidRequestError
from poorwill.events.event import Event

Data = TypeVar("Data", bound=msgspec.Struct)


def event_data(event: Event, kind: type[Data]) -> Data:
    """Return an event's data; raise InvalidRequestError, which names the members, where it is something else."""
    try:
        return msgspec.json.decode(event.data or b"", type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        members = " and ".join(kind.__struct_fields__)
        raise invalid_event("data", f"a JSON object with {members}", "something else") from None


def invalid_event(where: str, wanted: str, found: str) -> InvalidRequestError:
    """Return the error of an event that can't be taken."""
    return InvalidRequestError(Fault(f"event {where}", wanted, found, "see docs/pipelines.md"))
