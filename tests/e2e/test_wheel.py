"""The wheel works outside the clone: the command, the library, the manifests and the function."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    builder = "from hatchling.builders.wheel import WheelBuilder as B; print(next(B('.').build(directory={!r})))"
    subprocess.run([sys.executable, "-c", builder.format(str(folder))], cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_manifests_the_function_and_its_types(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())

    assert {"poorwill/py.typed", "poorwill/predict/main.py", "poorwill/manifests/base/kustomization.yaml"} <= names
    assert not [name for name in names if name.startswith(("tests/", "examples/", "poorwill/examples/"))]


def test_the_wheel_serves_from_an_environment_elsewhere(wheel, tmp_path):
    # the locked dependencies are this environment's; only poorwill itself comes from the wheel
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv/bin/python"
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    zipfile.ZipFile(wheel).extractall(site)
    mine = next(path for path in sys.path if path.endswith("site-packages"))
    (Path(site) / "locked.pth").write_text(mine + "\n")
    script = (
        "import poorwill, poorwill.cli.main as m, sys;"
        "print(poorwill.__file__); sys.argv = ['poorwill', 'serve', '--help']; sys.exit(m.main())"
    )

    found = subprocess.run([python, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    assert found.startswith(site), "the wheel's own package, not the clone's"
    assert "--store" in found
