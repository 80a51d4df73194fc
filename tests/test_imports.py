"""Imports point one way, deferred ones included, and each engine is imported in one file."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "functions"
PACKAGE = ROOT / "poorwill"
FILES = sorted(PACKAGE.rglob("*.py"))

# from the bottom up: a layer imports itself and what stands before it
LAYERS = (
    "errors",
    "settings",
    "telemetry",
    "events",
    "store",
    "registry",
    "serving",
    "client",
    "kinds",
    "delivery",
    "pipeline",
    "local",
    "cli",
)

ENGINES = {
    "envoy": "local/path/envoy.py",
    "boto3": "store/s3.py",
    "botocore": "store/s3.py",
    "cloudevents": "events/sdk.py",
    "flask": "serving/framework.py",
    "functions_framework": "serving/framework.py",
    "httptools": "serving/http/head.py",
    "jwt": "serving/auth/jwt_caller.py",
    "lightkube": "delivery/cluster.py",
    "obstore": "store/bucket.py",
    "onnx": "registry/onnx_file.py",
    "onnxruntime": "registry/onnx_session.py",
    "prometheus_client": "serving/exposition.py",
    "pyarrow": "pipeline/arrow_table.py",
    "urllib3": "client/transport.py",
}


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def layer(path):
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_layer_imports_only_itself_and_what_stands_below(path):
    if layer(path) in {"__init__", "__main__"}:
        return
    height = LAYERS.index(layer(path))

    above = [
        name for name in imported(path) if name.startswith("poorwill.") and name.split(".")[1] in LAYERS[height + 1 :]
    ]

    assert above == []


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_is_imported_in_one_file(engine):
    users = {
        str(path.relative_to(PACKAGE)) for path in FILES if any(name.split(".")[0] == engine for name in imported(path))
    }

    assert users <= {ENGINES[engine]}


def test_the_environment_is_read_in_one_place():
    readers = {
        str(path.relative_to(PACKAGE))
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }

    entries = {"cli/main.py", "pipeline/function/__main__.py", "serving/framework.py"}
    engines = {"store/opening.py"}  # which of two reads AWS's own variables, and so is the one to take
    assert readers <= entries | engines, "only entry points hand the environment to settings.read"
