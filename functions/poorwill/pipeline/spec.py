"""A pipeline's spec: one YAML file, typed; every fault of it at once, with the word that was probably meant."""

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple, get_type_hints

import msgspec

Scalar = str | int | float | bool


class Key(NamedTuple):
    """What a key of a spec means, as the documentation has it."""

    sentence: str


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One object of a spec."""


class StepSpec(_Part, frozen=True, kw_only=True):
    """What all steps have: the artifacts that they take and the one that they give."""

    step: Annotated[str, Key("Which step: ingest, validate, train, evaluate, register or deploy, in this order.")]
    takes: Annotated[tuple[str, ...], Key("Names of artifacts of earlier steps; left out, those that it needs.")] = ()
    gives: Annotated[
        str, Key("Name of what it makes; left out: data, validation, model, evaluation, provenance, deployment.")
    ] = ""


class Ingest(StepSpec, frozen=True, kw_only=True):
    """An object that an event names is copied, by digest."""

    format: Annotated[Literal["csv", "parquet", "npy"], Key("Format of the data.")] = "csv"
    delimiter: Annotated[str, Key("What parts a row of a CSV: one character.")] = ","
    encoding: Annotated[str, Key("A CSV's encoding: any that Python knows.")] = "utf-8"
    target: Annotated[str, Key("The column that the model is to foretell.")]
    size_limit_bytes: Annotated[int, Key("Largest object, in bytes.")] = 1 << 34


class Limits(_Part, frozen=True, kw_only=True):
    """How far data may depart from its reference, each column for itself."""

    missing_percent: Annotated[float, Key("Rows without a value, more than the reference has.")] = 1.0
    drift: Annotated[float, Key("Population stability index.")] = 0.25
    out_of_range_percent: Annotated[float, Key("Numbers beyond the reference's lowest and highest.")] = 1.0
    new_category_percent: Annotated[float, Key("Texts outside the reference's categories.")] = 1.0
    rows: Annotated[int, Key("Rows, at least.")] = 10


class Validate(StepSpec, frozen=True, kw_only=True):
    """Data beside what was learnt from a reference."""

    reference: Annotated[
        str, Key("A file beside the spec, of the same format; with neither, the first data that came is the reference.")
    ] = ""
    profile: Annotated[
        str, Key("A file beside the spec that `poorwill pipeline learn` wrote, and people may have changed.")
    ] = ""
    limits: Annotated[Limits, Key("How far data may depart from the reference.")] = Limits()


class Train(StepSpec, frozen=True, kw_only=True):
    """A function of the user's: train(inputs, parameters, seed) -> ONNX."""

    function: Annotated[str, Key("File beside the spec, and name: train(inputs, parameters, seed).")] = "train.py:train"
    parameters: Annotated[
        dict[str, Scalar], Key("Texts, numbers and truths by name, which the function is given.")
    ] = {}
    seed: Annotated[int, Key("Seed of all randomness, which the function is given.")] = 0
    timeout_seconds: Annotated[float, Key("How long training may take, in seconds.")] = 600.0
    memory_limit_bytes: Annotated[int, Key("How much memory training may take, in bytes; 0 is no limit.")] = 0


class Limit(_Part, frozen=True, kw_only=True):
    """What a metric must reach. With both, both must hold."""

    metric: Annotated[Literal["accuracy", "f1_macro", "log_loss", "rmse", "mae", "r2"], Key("What is measured.")]
    at_least: Annotated[float | None, Key("What the lower end of its confidence interval must reach.")] = None
    at_most: Annotated[float | None, Key("What the upper end of its confidence interval must not pass.")] = None
    worse_than_serving: Annotated[
        float | None, Key("By how much it may be worse than the version that serves now.")
    ] = None


class Evaluate(StepSpec, frozen=True, kw_only=True):
    """The model on held-out data, beside the version that serves."""

    limits: Annotated[tuple[Limit, ...], Key("What the model must reach; all must hold.")]
    confidence_percent: Annotated[float, Key("Confidence of the intervals.")] = 95.0
    slices: Annotated[
        tuple[str, ...], Key("Columns: each of their values, or fourths of their range, is looked at apart.")
    ] = ()
    output: Annotated[str, Key("The model's output that foretells the target; left out, its first.")] = ""
    when_inconclusive: Annotated[Literal["stop", "go"], Key("What follows where the rows are too few to tell.")] = (
        "stop"
    )


class Register(StepSpec, frozen=True, kw_only=True):
    """A version, with its provenance."""

    sample: Annotated[str, Key("An infer request beside the spec; left out, one is made of a held-out row.")] = ""
    signed: Annotated[bool, Key("Whether no version is registered without a signature.")] = False


class Deploy(StepSpec, frozen=True, kw_only=True):
    """The version service, and its part of the traffic."""

    percent: Annotated[int, Key("Part of the model's traffic that the version gets.")] = 0


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

    format: Annotated[Literal[1], Key("Of the spec: 1.")]
    pipeline: Annotated[str, Key("Name of the pipeline: a DNS label.")]
    model: Annotated[str, Key("Model whose versions it makes.")]
    heldout_percent: Annotated[float, Key("Rows that training never sees, and evaluate alone does.")] = 20.0
    steps: Annotated[tuple[StepSpec, ...], Key("The steps, in their order; some may be left out.")]


def tables() -> str:
    """Return all keys of a spec in Markdown, as the documentation has them."""
    named: dict[str, type[_Part]] = {"A pipeline": PipelineSpec, "Every step": StepSpec}
    for name, kind in KINDS.items():
        named[f"`{name}`"] = kind
        named |= {"`limits` of `validate`": Limits} if kind is Validate else {}
        named |= {"Each of `limits` of `evaluate`": Limit} if kind is Evaluate else {}
    return "\n".join(f"**{title}**\n\n{_table(kind)}" for title, kind in named.items())


def _table(kind: type[_Part]) -> str:
    lines = ["| key | left out | meaning |", "|---|---|---|"]
    hints = get_type_hints(kind, include_extras=True)
    for field in msgspec.structs.fields(kind):
        if kind is not StepSpec and issubclass(kind, StepSpec) and field.name in StepSpec.__struct_fields__:
            continue  # once, for all steps
        (key,) = hints[field.name].__metadata__
        left_out = "must be there" if field.required else _shown(field.default)
        lines.append(f"| `{field.name}` | {left_out} | {key.sentence} |")
    return "\n".join(lines) + "\n"


def _shown(default: object) -> str:
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    number = isinstance(default, int | float)
    return f"`{default}`" if number or (isinstance(default, str) and default) else ""
