"""Which step takes what: what a spec leaves open is filled in, and what can't be is told."""

import re
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from poorwill.errors import Fault
from poorwill.pipeline.spec import KINDS, PipelineSpec, StepSpec

GIVES: Mapping[str, str] = {
    "ingest": "data",
    "validate": "validation",
    "train": "model",
    "evaluate": "evaluation",
    "register": "provenance",
    "deploy": "deployment",
}
"""What a step's artifact is called where its spec does not say."""
NEEDS: Mapping[str, tuple[str, ...]] = {
    "ingest": (),
    "validate": ("ingest",),
    "train": ("ingest",),
    "evaluate": ("ingest", "train"),
    "register": ("train",),
    "deploy": ("register",),
}
"""The steps without whose artifacts a step can't do its work."""

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def wired(spec: PipelineSpec) -> tuple[PipelineSpec, tuple[Fault, ...]]:
    """Return the spec with what each step takes and gives, and all that is wrong with that."""
    steps = [replace(step, gives=step.gives or GIVES[step.step]) for step in spec.steps]
    gives = {step.step: step.gives for step in steps}
    steps = [replace(step, takes=step.takes or _usual(step.step, gives)) for step in steps]
    whole = replace(spec, steps=tuple(steps))
    return whole, tuple(_faults(steps))


def _usual(step: str, gives: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(gives[need] for need in NEEDS[step] if need in gives)


def _faults(steps: list[StepSpec]) -> Iterator[Fault]:
    order = list(KINDS)
    names = [step.step for step in steps]
    for at, name in enumerate(names):
        where = f"steps[{at}].step"
        if name in names[:at]:
            yield Fault(where, "each step once", "one twice", "remove one of the two")
        elif at and order.index(name) < order.index(names[at - 1]):
            yield Fault(where, "the steps in the order " + ", ".join(order), "another order", "move it up")
    yield from _names(steps)
    givers = {step.gives: step.step for step in steps}
    cycle = _cycle(steps, givers)
    if cycle:
        at = names.index(cycle[0])
        yield Fault(f"steps[{at}].takes", "steps of which none waits for itself", " -> ".join(cycle), "cut one of them")
    for at, step in enumerate(steps):
        yield from _untaken(step, f"steps[{at}]", givers, names[:at], in_cycle=step.step in cycle)


def _names(steps: list[StepSpec]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for at, step in enumerate(steps):
        where = f"steps[{at}].gives"
        if not _NAME.fullmatch(step.gives):
            wanted = "a lower-case letter, then letters, digits, '_' and '-', 40 at most"
            yield Fault(where, wanted, "something else", "rename it")
        elif step.gives in seen and seen[step.gives] != step.step:
            found = f"one that {seen[step.gives]} gives too"
            yield Fault(where, "names that differ", found, "rename what one of the two gives")
        seen[step.gives] = step.step


def _untaken(
    step: StepSpec, where: str, givers: Mapping[str, str], before: list[str], *, in_cycle: bool
) -> Iterator[Fault]:
    for at, name in enumerate(step.takes):
        if name not in givers:
            given = ", ".join(name for name, giver in givers.items() if giver in before) or "nothing"
            wanted = f"what a step before gives: {given}"
            yield Fault(f"{where}.takes[{at}]", wanted, "what no step gives", "correct the name")
        elif givers[name] not in before and not in_cycle:
            wanted = "what a step before gives"
            yield Fault(f"{where}.takes[{at}]", wanted, f"what {givers[name]} gives, later", "take something else")
    taken = {givers.get(name) for name in step.takes}
    for need in NEEDS[step.step]:
        if need not in taken:
            found = "another" if need in givers.values() else f"no {need} step"
            yield Fault(f"{where}.takes", f"what {need} gives", found, f"name it, or add the step {need}")


def _cycle(steps: list[StepSpec], givers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the steps of a cycle, its first again as its last; () where there is none."""
    takes = {step.step: [givers[name] for name in step.takes if name in givers] for step in steps}

    def walk(step: str, path: tuple[str, ...]) -> tuple[str, ...]:
        if step in path:
            return (*path[path.index(step) :], step)
        return next(filter(None, (walk(taken, (*path, step)) for taken in takes[step])), ())

    for step in takes:
        if found := walk(step, ()):
            return tuple(reversed(found))  # from who gives to who takes
    return ()
