"""A pipeline's spec: one YAML file, typed; every fault of it at once, with the word that was probably meant."""

from collections.abc import Mapping
from typing import Literal

import msgspec

Scalar = str | int | float | bool


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One object of a spec."""


class StepSpec(_Part, frozen=True, kw_only=True):
    """What all steps have: the artifacts that they take and the one that they give."""

    step: str
    takes: tuple[str, ...] = ()
    gives: str = ""


class Ingest(StepSpec, frozen=True, kw_only=True):
    """An object that an event names is copied, by digest."""

    format: Literal["csv", "parquet", "npy"] = "csv"
    delimiter: str = ","
    encoding: str = "utf-8"
    target: str  # the column that a model is to foretell
    size_limit_bytes: int = 1 << 34


class Limits(_Part, frozen=True, kw_only=True):
    """How far data may depart from its reference, each column for itself."""

    missing_percent: float = 1.0  # more than the reference's
    drift: float = 0.25  # population stability index
    out_of_range_percent: float = 1.0  # of numbers, beyond the reference's lowest and highest
    new_category_percent: float = 1.0
    rows: int = 10  # at least


class Validate(StepSpec, frozen=True, kw_only=True):
    """Data beside what was learnt from a reference."""

    reference: str = ""  # a file beside the spec, of the same format; "" takes the first data that came
    profile: str = ""  # a file beside the spec that `poorwill pipeline learn` wrote, and people may have changed
    limits: Limits = Limits()


class Train(StepSpec, frozen=True, kw_only=True):
    """A function of the user's: train(inputs, parameters, seed) -> ONNX."""

    function: str = "train.py:train"  # file beside the spec, and name
    parameters: dict[str, Scalar] = {}
    seed: int = 0
    timeout_seconds: float = 600.0
    memory_limit_bytes: int = 0  # 0 is none


class Limit(_Part, frozen=True, kw_only=True):
    """What a metric must reach. With both, both must hold."""

    metric: Literal["accuracy", "f1_macro", "log_loss", "rmse", "mae", "r2"]
    at_least: float | None = None  # of the lower end of its confidence interval, or for losses at most of the upper
    at_most: float | None = None
    worse_than_serving: float | None = None  # by how much it may be, at most, against the version now serving


class Evaluate(StepSpec, frozen=True, kw_only=True):
    """The model on held-out data, beside the version that serves."""

    limits: tuple[Limit, ...]
    confidence_percent: float = 95.0
    slices: tuple[str, ...] = ()  # columns: each of their values, or fourths of their range, is looked at apart
    output: str = ""  # of the model, that is beside the target; "" is its first
    when_inconclusive: Literal["stop", "go"] = "stop"


class Register(StepSpec, frozen=True, kw_only=True):
    """A version, with its provenance."""

    sample: str = ""  # an infer request beside the spec; "" makes one of a held-out row
    signed: bool = False  # no version without a signature


class Deploy(StepSpec, frozen=True, kw_only=True):
    """The version service, and its part of the traffic."""

    percent: int = 0


KINDS: Mapping[str, type[StepSpec]] = {
    "ingest": Ingest,
    "validate": Validate,
    "train": Train,
    "evaluate": Evaluate,
    "register": Register,
    "deploy": Deploy,
}
"""In the order in which they follow each other; a spec may leave some out."""


class PipelineSpec(_Part, frozen=True, kw_only=True):
    """One pipeline."""

    format: Literal[1]
    pipeline: str
    model: str
    heldout_percent: float = 20.0  # of the rows; training never sees them, evaluate sees nothing else
    steps: tuple[StepSpec, ...]
