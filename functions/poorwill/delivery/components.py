"""The components of knative/ that change a version service, laid over the one that a version is made from."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml

from poorwill.errors import Fault, UsageError

_FILE = "kustomization.yaml"


def names(folder: Path) -> tuple[str, ...]:
    """Return the components that change a version service and bring nothing besides."""
    found = sorted(folder.rglob(_FILE))
    return tuple(str(path.parent.relative_to(folder)) for path in found if not _brings(path))


@contextmanager
def kustomization(folder: Path, start: Path, components: Sequence[str]) -> Iterator[Path]:
    """Yield a folder that renders to the start with the components over it; it is gone after the block.

    Args:
        folder: of the components.
        start: a file, or a folder with a kustomization.
        components: their names, in the order in which they are laid over.

    Raises:
        UsageError: one that is not there.
    """
    there = names(folder)
    if unknown := [name for name in components if name not in there]:
        words = f"{len(unknown)} of another name"
        raise UsageError(Fault("--with", f"one of {', '.join(there)}", words, "check the name"))
    with tempfile.TemporaryDirectory(prefix="poorwill-") as scratch:
        root = Path(scratch).resolve()
        if start.is_file():
            shutil.copy(start, root / start.name)
        resource = start.name if start.is_file() else _way(root, start)
        written = {"resources": [resource], "components": [_way(root, folder / name) for name in components]}
        (root / _FILE).write_text(yaml.safe_dump(written), encoding="utf-8")
        yield root


def _brings(path: Path) -> bool:
    return "resources" in yaml.safe_load(path.read_text(encoding="utf-8"))


def _way(root: Path, folder: Path) -> str:
    # kustomize takes no absolute path
    return os.path.relpath(folder.resolve(), root)
