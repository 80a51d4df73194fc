"""Good objects, and mutants of them: each breaks one rule at one path."""

import copy
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

HERE = Path(__file__).parent
GOOD = sorted((HERE / "good").glob("*.yaml"))
MUTANTS = sorted((HERE / "mutants").glob("*.yaml"))


class Mutant(NamedTuple):
    """One object that has to be refused."""

    before: dict[str, Any]
    """What is good."""
    changes: list[dict[str, Any]]
    update: bool
    """Whether what is good is stored already."""
    where: str
    """The path of the fault; several that exclude each other are joined by a comma."""
    there: str
    """What a real cluster's message has of the path: it writes list elements and types in its own way; - is nothing."""
    also: list[str]
    """Paths that can't but be wrong with it."""
    only_in_dry_run: bool

    def made_from(self, obj: dict[str, Any]) -> dict[str, Any]:
        """Return the mutant of an object."""
        return changed(obj, self.changes)


@cache
def _parsed(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text())


def good(name: str) -> dict[str, Any]:
    """Return one object that is admitted."""
    return copy.deepcopy(_parsed(HERE / "good" / f"{name}.yaml"))


def stored(name: str) -> dict[str, Any]:
    """Return what a real cluster stores of it, for the user admin."""
    return copy.deepcopy(_parsed(HERE / "stored" / f"{name}.yaml"))


def mutant(path: Path) -> Mutant:
    """Return one mutant, made from its file: a base and the changes to it."""
    told = yaml.safe_load(path.read_text())
    return Mutant(
        changed(good(told["base"]), told.get("stored", ())),
        told["changes"],
        "stored" in told,
        told["where"],
        told.get("there", told["where"]),
        told.get("also", []),
        told.get("only_in_dry_run", False),
    )


def changed(obj: dict[str, Any], changes: Any) -> dict[str, Any]:
    """Return a copy with values set, added to the end of a list, or removed, each at a path."""
    result = copy.deepcopy(obj)
    for change in changes:
        *parents, last = change["at"]
        inner: Any = result
        for part in parents:
            inner = inner[part] if isinstance(inner, list) else inner.setdefault(part, {})
        if "to" not in change:
            del inner[last]
        elif isinstance(inner, list) and last == len(inner):
            inner.append(change["to"])
        else:
            inner[last] = change["to"]
    return result
