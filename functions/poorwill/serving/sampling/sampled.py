"""The data of a sampled `dev.poorwill.prediction.completed`, as a version sends it and the feedback function keeps it.

A reply to `dev.poorwill.prediction.requested` has the same type; only what is sampled bears the extension `sampled`.
"""

from typing import Any

import msgspec

SAMPLED = "sampled"
"""Extension attribute, true, by which a Trigger tells samples from replies."""


class Prediction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of one answer."""

    id: str  # of the request: its answer's x-request-id, or the event's id
    row: int = 0  # of the request's rows, from 0
    inputs: tuple[float | None, ...] = ()  # of all inputs, in the signature's order; None is no number, or is redacted
    outputs: dict[str, Any] = {}  # by name: a value, or one for each class


class SampledPredictions(msgspec.Struct, frozen=True, kw_only=True):
    """Some predictions of one version."""

    format: int = 1
    model: str
    version: int
    digest: str  # of the version, sha256:<hex>
    redacted: tuple[int, ...] = ()  # places in `inputs` whose values never leave the process
    predictions: tuple[Prediction, ...]
