"""What the sample pipelines train with in an image is what is locked here.

for sample in digits breast_cancer; do
  uv export --frozen --only-group train --no-emit-project --no-header --no-annotate --prune numpy --prune onnx \
    --prune protobuf --prune ml-dtypes --prune typing-extensions > functions/examples/$sample/requirements.txt
done
"""

import re
import tomllib
from pathlib import Path

import pytest

from poorwill.delivery.image.context import examine

ROOT = Path(__file__).parents[2]
SAMPLES = [ROOT / "functions/examples" / name for name in ("digits", "breast_cancer")]
_LINE = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)
_HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")


@pytest.fixture(scope="module")
def locked():
    with (ROOT / "uv.lock").open("rb") as file:
        return tomllib.load(file)["package"]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_every_package_is_locked_with_the_same_version_and_hashes(sample, locked):
    text = (sample / "requirements.txt").read_text()
    versions = {(package["name"], package["version"]) for package in locked}
    hashes = {
        wheel["hash"] for package in locked for wheel in (*package.get("wheels", ()), package.get("sdist", {})) if wheel
    }

    assert {"scikit-learn", "skl2onnx"} <= {name for name, _ in _LINE.findall(text)}
    assert set(_LINE.findall(text)) <= versions
    assert set(_HASH.findall(text)) <= hashes


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_an_image_can_be_built_of_it(sample):
    assert examine(sample).requirements
