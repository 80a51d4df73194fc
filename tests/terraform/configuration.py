"""Reads what a root of terraform/ declares: its providers, variables and outputs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import hcl2

PROJECT = Path(__file__).parents[2]
# every folder that is initialised by itself, named from the project's folder
ROOTS = sorted(str(path.parent.relative_to(PROJECT)) for path in (PROJECT / "terraform").rglob("versions.tf"))
MODULES = [root for root in ROOTS if root.startswith("terraform/modules/")]
EXPRESSION = re.compile(r"^\$\{(.*)\}$", re.DOTALL)
MISSING = object()


@dataclass(frozen=True)
class Variable:
    """A variable as declared; default is MISSING where a caller has to give it."""

    name: str
    type: str
    description: str
    default: Any
    validations: tuple[str, ...]


@dataclass(frozen=True)
class Output:
    """An output as declared."""

    name: str
    description: str


@cache
def blocks(root: str) -> dict[str, list[dict[str, Any]]]:
    """Return all blocks of a root's files by their type."""
    merged: dict[str, list[dict[str, Any]]] = {}
    for path in sorted((PROJECT / root).glob("*.tf")):
        for kind, found in parsed(path.read_text()).items():
            merged.setdefault(kind, []).extend(found if isinstance(found, list) else [found])
    return merged


def parsed(text: str) -> dict[str, Any]:
    """Return the blocks and attributes of HCL, without quotes and marks of the parser."""
    return _plain(hcl2.loads(text))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items() if key not in {"__is_block__", "__comments__"}}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return value


def required_providers(root: str) -> dict[str, dict[str, str]]:
    """Return source and version of each provider that a root names, by its local name."""
    return {
        name: provider
        for settings in blocks(root).get("terraform", [])
        for providers in settings.get("required_providers", [])
        for name, provider in providers.items()
    }


def requiring(providers: Mapping[str, Mapping[str, str]]) -> str:
    """Return HCL that requires the providers, by their local names."""
    lines = [
        f'    {name} = {{ source = "{it["source"]}", version = "{it["version"]}" }}' for name, it in providers.items()
    ]
    return "\n".join(["terraform {", "  required_providers {", *lines, "  }", "}", ""])


def variables(root: str) -> list[Variable]:
    """Return a root's variables, in the order in which they are written."""
    return [
        Variable(
            name,
            bare(declared.get("type", "")),
            declared.get("description", ""),
            declared.get("default", MISSING),
            tuple(validation["error_message"] for validation in declared.get("validation", [])),
        )
        for block in blocks(root).get("variable", [])
        for name, declared in block.items()
    ]


def outputs(root: str) -> list[Output]:
    """Return a root's outputs, in the order in which they are written."""
    return [
        Output(name, declared.get("description", ""))
        for block in blocks(root).get("output", [])
        for name, declared in block.items()
    ]


def bare(expression: str) -> str:
    """Return an expression without the marks that the parser puts around it."""
    match = EXPRESSION.match(expression)
    return match[1] if match else expression
