"""Volumes without a machine of one's own: Secrets and ConfigMaps are files in a folder of the pod's.

No process can be shown them at the manifest's path, which is the machine's: a variable that holds that path, or a path
in it, is led to the folder instead.
"""

import shutil
from base64 import b64decode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from poorwill.kinds.kind import CONFIG_MAP, SECRET, Kind, Object

_SCRATCH = "/tmp"  # noqa: S108 - the pod's own
_WORDS = (
    "the twin mounts Secrets and ConfigMaps, whole, and an emptyDir at /tmp (as TMPDIR): use these, or env and envFrom"
)
_SOURCES = (("secret", SECRET, "secretName"), ("configMap", CONFIG_MAP, "name"))

Lookup = Callable[[Kind, str], Object | None]


class Files(NamedTuple):
    """A Secret or a ConfigMap whose keys are files."""

    kind: Kind
    name: str
    mounted_at: str
    items: tuple[tuple[str, str], ...] = ()  # key and path of each file; () for all keys under their names
    optional: bool = False


def mounted(spec: Object, container: Object) -> tuple[Files, ...] | str:
    """Return what a container mounts besides its scratch folder, or why that can't be had."""
    volumes = {volume["name"]: volume for volume in spec.get("volumes") or ()}
    found, others = [], []
    for mount in container.get("volumeMounts") or ():
        volume, path = volumes.get(mount["name"], {}), mount["mountPath"].rstrip("/")
        files = _files(volume, path)
        if files and not mount.get("subPath") and not mount.get("subPathExpr"):
            found.append(files)
        elif "emptyDir" not in volume or path != _SCRATCH:
            others.append(mount["mountPath"])
    return f"spec.containers[0].volumeMounts at {', '.join(others)}: {_WORDS}" if others else tuple(found)


def absent(files: tuple[Files, ...], lookup: Lookup) -> str:
    """Return which of them is not there yet, in kubelet's words; "" where all are."""
    for each in files:
        found = lookup(each.kind, each.name)
        if found is None and not each.optional:
            return f'{each.kind.singular} "{each.name}" not found'
        missing = [key for key, _ in each.items if key not in _content(each, found)]
        if missing and not each.optional:
            return f"references non-existent {each.kind.singular} key: {missing[0]}"
    return ""


def write(files: tuple[Files, ...], folder: Path, lookup: Lookup) -> dict[str, Path]:
    """Write the files under a folder of the pod's, and return where each mount's are."""
    places = {}
    for number, each in enumerate(files):
        place = folder / str(number)
        shutil.rmtree(place, ignore_errors=True)  # of an earlier start
        place.mkdir(parents=True)
        content = _content(each, lookup(each.kind, each.name))
        for key, path in each.items or tuple((key, key) for key in content):
            target = (place / path).resolve()
            if key in content and target.is_relative_to(place.resolve()):
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content[key])
        places[each.mounted_at] = place
    return places


def led(values: Mapping[str, str], places: Mapping[str, Path]) -> dict[str, str]:
    """Return variables with each that holds a mount's path, or a path in it, led to where the files are."""

    def one(value: str) -> str:
        for path, place in places.items():
            if value == path or value.startswith(f"{path}/"):
                return f"{place}{value.removeprefix(path)}"
        return value

    return {name: one(value) for name, value in values.items()}


def _files(volume: Object, path: str) -> Files | None:
    for member, kind, name in _SOURCES:
        source = volume.get(member)
        if source and source.get(name):
            items = tuple((item["key"], item["path"]) for item in source.get("items") or ())
            return Files(kind, source[name], path, items, bool(source.get("optional")))
    return None


def _content(files: Files, found: Object | None) -> dict[str, bytes]:
    obj = found or {}
    data = obj.get("data") or {}
    if files.kind is SECRET:
        return {key: b64decode(value) for key, value in data.items()}
    packed = {key: b64decode(value) for key, value in (obj.get("binaryData") or {}).items()}
    return {key: value.encode() for key, value in data.items()} | packed
