"""What a command imports before its work begins: each tenth of a second is waited for at every one."""

import subprocess
import sys

import pytest

from tests import models

HEAVY = "{'boto3', 'numpy', 'onnx', 'onnx.helper', 'onnxruntime', 'rich'}"


def heavy(statements):
    """Return which heavy packages are there after some statements."""
    command = [sys.executable, "-c", f"import sys\n{statements}\nprint(*sorted({HEAVY} & set(sys.modules)))"]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout.split()


@pytest.mark.parametrize(
    "statements",
    [
        "import poorwill.cli.registry_commands",
        "import poorwill.cli.deploy_command, poorwill.delivery.deploy, poorwill.delivery.split",
        "import poorwill.cli.cluster_commands, poorwill.delivery.status",
        "from poorwill.store.location import Bucket\nfrom poorwill.store.cloud import CloudStore",
    ],
    ids=["registry", "deploy", "status", "bucket"],
)
def test_who_lists_deploys_and_looks_waits_for_no_engine(statements):
    assert heavy(statements) == []


def test_a_model_file_is_read_without_the_package_around_its_messages(tmp_path):
    path = models.write("sum", tmp_path)
    read = "from pathlib import Path\nfrom poorwill.registry.onnx_file import read_onnx_file"

    assert heavy(f"{read}\nassert read_onnx_file(Path({str(path)!r})).opset") == []
