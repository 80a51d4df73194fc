"""Names of numbers end in their unit, and files and functions stay small enough to be read."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*(ROOT / "functions").rglob("*.py"), *(ROOT / "loadtests").rglob("*.py")])
TESTS = sorted((ROOT / "tests").rglob("*.py"))

# a word for a quantity, and the endings that say in what
QUANTITY = re.compile(r"(^|_)(timeout|delay|duration|elapsed|latency|age|size|length|interval|grace|share)s?$")

# whole names whose unit is plain: sizes of an axis, lengths in things that are counted
PLAIN = {"sizes", "size", "length", "count", "binary_size", "header_length", "Size"}

LONGEST_FILE, LONGEST_FUNCTION = 300, 50


def ids(path):
    return str(path.relative_to(ROOT))


def numeric_names(tree):
    """Yield names that are annotated as a number: parameters, attributes, fields, and functions that return one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation is not None:
            yield node.arg, ast.unparse(node.annotation)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name | ast.Attribute):
            name = node.target.id if isinstance(node.target, ast.Name) else node.target.attr
            yield name, ast.unparse(node.annotation)
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            yield node.name, ast.unparse(node.returns)


@pytest.mark.parametrize("path", SOURCES, ids=ids)
def test_a_name_of_a_quantity_ends_in_its_unit(path):
    unitless = [
        name
        for name, kind in numeric_names(ast.parse(path.read_text()))
        if re.match(r"(int|float)\b|Annotated\[(int|float)", kind) and QUANTITY.search(name) and name not in PLAIN
    ]

    assert unitless == []


def test_the_rule_about_units_would_find_a_name_without_one():
    tree = ast.parse("def wait(timeout: float, idle_timeout_seconds: float) -> None: ...")

    assert [name for name, _ in numeric_names(tree) if QUANTITY.search(name)] == ["timeout"]


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=ids)
def test_files_and_functions_are_short(path):
    text = path.read_text()
    long = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= LONGEST_FUNCTION
    ]

    assert long == []
    assert text.count("\n") <= LONGEST_FILE


def test_no_file_is_a_drawer():
    drawers = {"utils", "util", "helpers", "common", "misc"}

    assert [ids(path) for path in SOURCES if path.stem in drawers or path.parent.name in drawers] == []
