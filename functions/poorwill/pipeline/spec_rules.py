"""What a spec's values must be beyond their types: ranges, names, and files that lie beside it."""

import codecs
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from poorwill.errors import Fault, UsageError
from poorwill.kinds import refusals
from poorwill.pipeline.spec import Evaluate, Ingest, PipelineSpec, Register, StepSpec, Train, Validate
from poorwill.registry.external_data import is_inside
from poorwill.registry.names import check_model_name

_RANGES: dict[str, dict[str, tuple[float, float, str]]] = {
    "ingest": {"size_limit_bytes": (1, 1 << 50, "bytes")},
    "train": {
        "seed": (0, 2**32 - 1, ""),  # what numpy's legacy generator takes
        "timeout_seconds": (1, 86_400, "seconds"),
        "memory_limit_bytes": (0, 1 << 50, "bytes"),
    },
    "evaluate": {"confidence_percent": (50, 99.99, "percent")},
    "deploy": {"percent": (0, 100, "percent")},
}
_LIMIT_RANGES = {
    "missing_percent": (0, 100, "percent"),
    "drift": (0, 100, ""),
    "out_of_range_percent": (0, 100, "percent"),
    "new_category_percent": (0, 100, "percent"),
    "rows": (1, 2**53, "rows"),
}
_HELDOUT_PERCENT = (1, 90)
_FUNCTION = re.compile(r"(?P<file>[^:]+\.py):(?P<name>[A-Za-z_][A-Za-z0-9_]*)")


def rules(spec: PipelineSpec, folder: Path) -> Iterator[Fault]:
    """Yield every rule that a spec breaks."""
    for where in ("pipeline", "model"):
        try:
            check_model_name(getattr(spec, where))
        except UsageError as error:
            yield from (fault._replace(where=where) for fault in error.faults)
    yield from _outside("heldout_percent", spec.heldout_percent, *_HELDOUT_PERCENT, "percent")
    if not spec.steps:
        yield Fault("steps", "a step at least", "none", "see docs/pipelines.md")
    for at, step in enumerate(spec.steps):
        where = f"steps[{at}]"
        if type(step) is StepSpec:  # of a document with faults there
            continue
        for name, (low, high, unit) in _RANGES.get(step.step, {}).items():
            yield from _outside(f"{where}.{name}", getattr(step, name), low, high, unit)
        for kind, check in _CHECKS.items():
            if isinstance(step, kind):
                yield from check(step, where, folder)


def _outside(where: str, value: float, low: float, high: float, unit: str) -> Iterator[Fault]:
    if not low <= value <= high:
        yield refusals.outside(where, low, high, unit)


def _ingest(step: Ingest, where: str, _: Path) -> Iterator[Fault]:
    if not step.target:
        yield refusals.missing(f"{where}.target")
    if len(step.delimiter) != 1 or step.delimiter in '"\r\n':
        yield refusals.unreadable(f"{where}.delimiter", "one character, no quote")
    try:
        codecs.lookup(step.encoding)
    except (LookupError, ValueError):
        yield Fault(f"{where}.encoding", "an encoding that Python knows", "another", "utf-8, or latin-1, or cp1252")


def _validate(step: Validate, where: str, folder: Path) -> Iterator[Fault]:
    for name, (low, high, unit) in _LIMIT_RANGES.items():
        yield from _outside(f"{where}.limits.{name}", getattr(step.limits, name), low, high, unit)
    if step.reference and step.profile:
        yield refusals.several(f"{where}.reference", f"{where}.profile")
    yield from _beside(step.reference, f"{where}.reference", folder)
    yield from _beside(step.profile, f"{where}.profile", folder)


def _train(step: Train, where: str, folder: Path) -> Iterator[Fault]:
    match = _FUNCTION.fullmatch(step.function)
    if not match:
        yield Fault(f"{where}.function", "<file>.py:<name>", "something else", "write it so: train.py:train")
    else:
        yield from _beside(match["file"], f"{where}.function", folder)


def _evaluate(step: Evaluate, where: str, _: Path) -> Iterator[Fault]:
    if not step.limits:
        yield Fault(f"{where}.limits", "a limit at least", "none", "say what the model must reach")
    yield from refusals.twice([limit.metric for limit in step.limits], f"{where}.limits")
    yield from refusals.twice(step.slices, f"{where}.slices")
    for at, limit in enumerate(step.limits):
        if limit.at_least is None and limit.at_most is None and limit.worse_than_serving is None:
            yield Fault(
                f"{where}.limits[{at}]", "at_least, at_most or worse_than_serving", "none of them", "set one of them"
            )
        if limit.worse_than_serving is not None:
            yield from _outside(f"{where}.limits[{at}].worse_than_serving", limit.worse_than_serving, 0, 2**53, "")


def _register(step: Register, where: str, folder: Path) -> Iterator[Fault]:
    yield from _beside(step.sample, f"{where}.sample", folder)


_CHECKS: dict[type[StepSpec], Callable[[Any, str, Path], Iterator[Fault]]] = {
    Ingest: _ingest,
    Validate: _validate,
    Train: _train,
    Evaluate: _evaluate,
    Register: _register,
}


def _beside(name: str, where: str, folder: Path) -> Iterator[Fault]:
    """Yield what is wrong with a file that a spec names: it lies beside the spec, and no link leads elsewhere."""
    if not name:
        return
    path = folder / name
    if not is_inside(name):
        yield Fault(where, "a plain name of a file beside the spec", "a path elsewhere", "put the file there")
    elif not path.is_file():
        yield Fault(where, "a file beside the spec", "none of that name", "put it there, or correct the name")
    elif not path.resolve().is_relative_to(folder.resolve()):
        yield Fault(where, "a file beside the spec", "a link that leads elsewhere", "put the file itself there")
