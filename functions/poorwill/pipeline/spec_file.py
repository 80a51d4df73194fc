"""A pipeline from its folder: the spec is read, judged, and what it leaves open filled in; all faults at once."""

import os
from collections.abc import Iterator
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from poorwill.delivery.function.source import SPEC_FILE
from poorwill.errors import CorruptError, Fault, NotFoundError, RefusedError
from poorwill.kinds import structure
from poorwill.pipeline.keys import canonical_json
from poorwill.pipeline.spec import KINDS, PipelineSpec, StepSpec
from poorwill.pipeline.spec_rules import rules
from poorwill.pipeline.spec_wiring import wired
from poorwill.pipeline.yaml_tree import Tree, read_tree


class Pipeline(NamedTuple):
    """A spec, and the folder that its relative names begin in."""

    spec: PipelineSpec
    folder: Path

    @property
    def digest(self) -> str:
        """Return the digest of the spec's canonical JSON, sha256:<hex>."""
        return f"sha256:{sha256(self.document).hexdigest()}"

    @property
    def document(self) -> bytes:
        """Return the spec as canonical JSON, as a run keeps it."""
        return canonical_json(self.spec)


def read_spec(path: Path) -> Pipeline:
    """Return the pipeline of a spec, or of a folder with a `pipeline.yaml`.

    Raises:
        NotFoundError: there is no such file.
        RefusedError: with every fault of it, each with its line.
    """
    file = path / SPEC_FILE if path.is_dir() else path
    try:
        tree = read_tree(file.read_bytes())
    except OSError as error:
        found = os.strerror(error.errno or 0).lower()
        raise NotFoundError(
            Fault("pipeline", f"a spec, or a folder with {SPEC_FILE}", found, "check the path")
        ) from None
    if tree.faults:
        raise RefusedError(*(fault._replace(where=f"{file.name} {fault.where}") for fault in tree.faults))
    faults = list(_departures(tree.value))
    spec = _outline(tree.value) if faults else _spec(tree.value)
    if spec:
        spec, unwired = wired(spec)
        faults += (*rules(spec, file.parent), *unwired)
    if faults or spec is None:
        raise RefusedError(*(_placed(fault, file.name, tree) for fault in faults))
    return Pipeline(spec, file.parent)


def decode_spec(document: bytes) -> PipelineSpec:
    """Return the spec that a run keeps; raise CorruptError where the bytes are none."""
    try:
        return _spec(msgspec.json.decode(document))
    except (msgspec.MsgspecError, KeyError, TypeError, AttributeError):
        fault = Fault("spec of a run", "a spec of this Poorwill", "other bytes", "use the Poorwill that began the run")
        raise CorruptError(fault) from None


def _spec(value: dict[str, Any]) -> PipelineSpec:
    steps = tuple(_read(step, KINDS[step["step"]]) for step in value["steps"])
    return msgspec.structs.replace(_read(value | {"steps": []}, PipelineSpec), steps=steps)


def _outline(value: Any) -> PipelineSpec | None:
    """Return what can be judged of a document with faults; None where the steps themselves are in doubt."""
    steps = value.get("steps") if isinstance(value, dict) else None
    if not isinstance(steps, list) or not steps or any(_kind(step) is None for step in steps):
        return None
    head = {name: value[name] for name in ("pipeline", "model") if isinstance(value.get(name), str)}
    whole = {"format": 1, "pipeline": "outline", "model": "outline", **head, "steps": []}
    return msgspec.structs.replace(_read(whole, PipelineSpec), steps=tuple(map(_outlined, steps)))


def _outlined(step: dict[str, Any]) -> StepSpec:
    kind = KINDS[step["step"]]
    if not any(structure.departures(step, kind)):
        return _read(step, kind)
    known = {name: step[name] for name in StepSpec.__struct_fields__ if name in step}
    if any(structure.departures(known, StepSpec)):
        return StepSpec(step=step["step"])
    return _read(known, StepSpec)


def _kind(step: Any) -> type[StepSpec] | None:
    name = step.get("step") if isinstance(step, dict) else None
    return KINDS.get(name) if isinstance(name, str) else None


def _read(value: Any, kind: type[structure.T]) -> structure.T:
    return structure.read(structure.tidied(value, kind), kind)


def _departures(value: Any) -> Iterator[Fault]:
    """Yield where a document departs from what a spec may hold: names, types, what has to be there."""
    whole = value if isinstance(value, dict) else None
    steps = whole.get("steps") if whole else None
    plain = whole | {"steps": []} if whole and isinstance(steps, list) else value
    yield from map(_meant, structure.departures(plain, PipelineSpec))
    for at, step in enumerate(steps if isinstance(steps, list) else ()):
        where = f"steps[{at}]"
        if kind := _kind(step):
            yield from map(_meant, structure.departures(step, kind, where))
        else:
            yield _unknown_step(where, step)


def _unknown_step(where: str, step: Any) -> Fault:
    name = step.get("step") if isinstance(step, dict) else None
    if name is None:
        return Fault(f"{where}.step", "one of " + ", ".join(KINDS), "none", "say which step it is")
    close = get_close_matches(str(name), KINDS, 1)
    advice = f"did you mean {close[0]}?" if close else "choose one of these"
    return Fault(f"{where}.step", "one of " + ", ".join(KINDS), "another step", advice)


def _meant(found: structure.Departure) -> Fault:
    """Return the fault of a departure, with the name that was probably meant."""
    if not found.unknown:
        return found.fault
    close = get_close_matches(found.where.rpartition(".")[2], found.known, 1, 0.5)
    advice = f"did you mean {close[0]}?" if close else "choose one of these or remove it"
    return Fault(found.where, "one of " + ", ".join(found.known), "no such name", advice)


def _placed(fault: Fault, name: str, tree: Tree) -> Fault:
    """Return the fault with the line of what it speaks of, or of the nearest thing around it."""
    where = fault.where
    while where and where not in tree.lines:
        where = where[: max(where.rfind("."), where.rfind("["), 0)]
    return fault._replace(where=f"{name} line {tree.lines.get(where, 1)}, {fault.where or 'the whole'}")
