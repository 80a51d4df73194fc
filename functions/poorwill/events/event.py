"""An event as a value, and the types of events that Poorwill sends."""

import binascii
from enum import StrEnum
from typing import ClassVar

import msgspec

Attribute = str | int | bool | bytes
"""What CloudEvents' type system allows; URI and Timestamp stay the text that they came as."""


class EventType(StrEnum):
    """The types of Poorwill's own events: `dev.poorwill.<noun>.<past participle>`."""

    MODEL_REGISTERED = "dev.poorwill.model.registered"
    MODEL_DEPLOYED = "dev.poorwill.model.deployed"
    ROLLOUT_ADVANCED = "dev.poorwill.rollout.advanced"
    ROLLOUT_HELD = "dev.poorwill.rollout.held"
    ROLLOUT_PROMOTED = "dev.poorwill.rollout.promoted"
    ROLLOUT_ROLLEDBACK = "dev.poorwill.rollout.rolledback"
    PREDICTION_REQUESTED = "dev.poorwill.prediction.requested"
    PREDICTION_COMPLETED = "dev.poorwill.prediction.completed"
    FEEDBACK_RECEIVED = "dev.poorwill.feedback.received"
    DATA_ARRIVED = "dev.poorwill.data.arrived"
    DATA_DRIFTED = "dev.poorwill.data.drifted"
    DATA_INGESTED = "dev.poorwill.data.ingested"
    DATA_VALIDATED = "dev.poorwill.data.validated"
    MODEL_TRAINED = "dev.poorwill.model.trained"
    MODEL_EVALUATED = "dev.poorwill.model.evaluated"
    STEP_FAILED = "dev.poorwill.step.failed"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One CloudEvent; equal events mean the same, whichever mode they came in.

    `data` is the payload's bytes, JSON as its text; no bytes and no payload are one (HTTP can't tell them apart).
    The constructor checks nothing; `attributes.build` does.
    """

    specversion: ClassVar[str] = "1.0"

    id: str
    source: str
    type: str
    subject: str | None = None
    time: str | None = None  # RFC 3339, as it came
    datacontenttype: str | None = None
    dataschema: str | None = None
    extensions: dict[str, Attribute] = {}
    data: bytes | None = None

    def attributes(self) -> dict[str, Attribute]:
        """Return all attributes that are set, extensions last."""
        attributes: dict[str, Attribute] = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
        }
        for name in ("subject", "time", "datacontenttype", "dataschema"):
            value = getattr(self, name)
            if value is not None:
                attributes[name] = value
        return attributes | self.extensions


def canonical(value: Attribute) -> str:
    """Return an attribute's string encoding (CloudEvents 1.0, type system)."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return binascii.b2a_base64(value, newline=False).decode()
    return str(value).lower() if isinstance(value, bool) else str(value)
