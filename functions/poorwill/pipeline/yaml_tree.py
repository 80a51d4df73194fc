"""YAML as plain values, with the line of each; what JSON could not say, a name given twice or an alias is a fault."""

import math
import re
from contextlib import suppress
from typing import Any, NamedTuple

import yaml

from poorwill.errors import Fault

LIMIT_BYTES = 262_144
_DEEPEST = 20
_PLAIN = {f"tag:yaml.org,2002:{name}": name for name in ("str", "int", "float", "bool", "null", "timestamp")}
_INT64 = 2**63
_EXPONENT = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+")


class Tree(NamedTuple):
    """A document: its value, the line of each path ("steps[1].limits"), and what is wrong with it as YAML."""

    value: Any
    lines: dict[str, int]
    faults: tuple[Fault, ...]


def read_tree(text: bytes) -> Tree:
    """Return what a YAML document holds; never raises, and makes no objects but JSON's."""
    if len(text) > LIMIT_BYTES:
        return _nothing(Fault("line 1", f"at most {LIMIT_BYTES} bytes", "more", "keep data in files of its own"))
    try:
        node = yaml.compose(text.decode(), Loader=yaml.SafeLoader)
    except UnicodeDecodeError:
        return _nothing(Fault("line 1", "text in UTF-8", "other bytes", "save it as UTF-8"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return _nothing(Fault(f"line {line}", "YAML", error.problem or "something else", "correct that line"))
    except (yaml.YAMLError, RecursionError):
        return _nothing(Fault("line 1", "YAML", "something else", "write it as plain YAML"))
    if node is None:
        return _nothing(Fault("line 1", "a pipeline", "an empty file", "see docs/pipelines.md"))
    walk = _Walk()
    return Tree(walk.value(node, ""), walk.lines, tuple(walk.faults))


def _nothing(fault: Fault) -> Tree:
    return Tree(None, {}, (fault,))


class _Walk:
    """Turns nodes into values, each node once."""

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}
        self.faults: list[Fault] = []
        self._seen: set[int] = set()
        self._constructor = yaml.constructor.SafeConstructor()

    def value(self, node: yaml.Node, where: str) -> Any:
        """Return a node's value, None where there is a fault."""
        self.lines.setdefault(where, node.start_mark.line + 1)
        # an alias that holds aliases grows without end
        if id(node) in self._seen or where.count(".") + where.count("[") > _DEEPEST:
            return self._fault(node, where, "values written out, a few levels deep", "an alias, or more levels")
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, where)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, f"{where}[{at}]") for at, item in enumerate(node.value)]
        return self._scalar(node, where) if isinstance(node, yaml.ScalarNode) else None

    def _mapping(self, node: yaml.MappingNode, where: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, item in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            path = f"{where}.{name}" if where else name
            if not name:
                self._fault(key, where, "names of members", "something else")
            elif name in found:
                self._fault(key, path, "each name once", "one given twice")
            else:
                self.lines[path] = key.start_mark.line + 1
                found[name] = self.value(item, path)
        return found

    def _scalar(self, node: yaml.ScalarNode, where: str) -> Any:
        name = _PLAIN.get(node.tag)
        exponent = name == "str" and node.style is None and _EXPONENT.fullmatch(node.value)
        if name in {"str", "timestamp"} and not exponent:
            return node.value  # a date stays the text that it was written as
        value: Any = self
        with suppress(ValueError):
            # YAML 1.1 takes 1e-3 for a text; nobody who writes it does
            value = float(node.value) if exponent else self._constructor.construct_object(node) if name else self
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        if value is self or (numeric and not (math.isfinite(value) and abs(value) < _INT64)):
            return self._fault(node, where, "text, a number, true or false", "something else")
        return value

    def _fault(self, node: yaml.Node, where: str, wanted: str, found: str) -> None:
        line = f"line {node.start_mark.line + 1}"
        self.faults.append(Fault(f"{line}, {where}" if where else line, wanted, found, "correct that line"))
