"""The components of knative/ that change a version service, laid over the one that a version is made from."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from poorwill.errors import Fault, UsageError
from poorwill.kinds.kind import SERVICE, Object

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
    _check(folder, components)
    with tempfile.TemporaryDirectory(prefix="poorwill-") as scratch:
        root = Path(scratch).resolve()
        if start.is_file():
            shutil.copy(start, root / start.name)
        resource = start.name if start.is_file() else _way(root, start)
        written = {"resources": [resource], "components": [_way(root, folder / name) for name in components]}
        (root / _FILE).write_text(yaml.safe_dump(written), encoding="utf-8")
        yield root


def laid_over(folder: Path, service: Object, components: Sequence[str]) -> Object:
    """Return a version service with components over it, as kustomize would; for where there is no kubectl.

    Args:
        folder: of the components.
        service: knative/base's; its labels are what their patches ask for.
        components: their names, in the order in which they are laid over.

    Raises:
        UsageError: one that is not there.
    """
    if components:
        _check(folder, components)
    found: Object = json.loads(json.dumps(service))
    for name in components:
        for patch in yaml.safe_load((folder / name / _FILE).read_text(encoding="utf-8"))["patches"]:
            if patch["target"]["kind"] == SERVICE.kind:
                for operation in yaml.safe_load(patch["patch"]):
                    _patch(found, operation)
    return found


def _patch(obj: Object, operation: dict[str, Any]) -> None:
    """Do what one operation of a JSON patch says (RFC 6902): add or replace, which is all that components do."""
    *way, last = (step.replace("~1", "/").replace("~0", "~") for step in operation["path"].split("/")[1:])
    at: Any = obj
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    if isinstance(at, list) and last == "-":
        at.append(operation["value"])
    elif isinstance(at, list):
        at[int(last)] = operation["value"]
    else:
        at[last] = operation["value"]


def _check(folder: Path, components: Sequence[str]) -> None:
    there = names(folder)
    if unknown := [name for name in components if name not in there]:
        words = f"{len(unknown)} of another name"
        raise UsageError(Fault("--with", f"one of {', '.join(there)}", words, "check the name"))


def _brings(path: Path) -> bool:
    return "resources" in yaml.safe_load(path.read_text(encoding="utf-8"))


def _way(root: Path, folder: Path) -> str:
    # kustomize takes no absolute path
    return os.path.relpath(folder.resolve(), root)
