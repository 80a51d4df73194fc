"""One tree of errors: each class fixes status and exit code, and each use says where, wanted, found and next."""

import ast
from pathlib import Path

import pytest

from poorwill import errors
from poorwill.errors import Fault, PoorwillError

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "functions").rglob("*.py"))
KINDS = PoorwillError.__subclasses__()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_class_fixes_its_status_exit_code_and_words(kind):
    assert 400 <= kind.status < 600
    assert 0 < kind.exit_code < 128
    assert kind.kind not in {other.kind for other in KINDS if other is not kind}
    assert kind.__name__.endswith("Error")


def test_an_error_says_all_its_faults():
    error = errors.UsageError(Fault("a", "b", "c", "d"), Fault("e", "f", "g", "h"))

    assert str(error) == "a: wanted b, found c; d\ne: wanted f, found g; h"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_error_is_raised_with_a_fault_that_says_four_things(path):
    names = {kind.__name__ for kind in KINDS}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in names:
                assert node.args, f"{path.name}:{node.lineno}: an error without a fault"
            if node.func.id == "Fault":
                starred = any(isinstance(argument, ast.Starred) for argument in node.args)
                assert starred or len(node.args) + len(node.keywords) == 4, f"{path.name}:{node.lineno}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_dangerous_is_called(path):
    forbidden = {"eval", "exec", "compile", "system", "popen"}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            owner = getattr(getattr(node.func, "value", None), "id", "")
            assert name not in forbidden or owner == "re", f"{path.name}:{node.lineno}: {name}"
            assert not any(keyword.arg == "shell" for keyword in node.keywords), f"{path.name}:{node.lineno}: shell"
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [alias.name for alias in node.names] + [getattr(node, "module", "") or ""]
            assert not {"pickle", "marshal", "shelve"} & set(modules), f"{path.name}:{node.lineno}"
