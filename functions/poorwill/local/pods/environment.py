"""The environment of a pod's process: what the manifest says and a minimal base, never that of the caller."""

import base64
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from poorwill.kinds.kind import CONFIG_MAP, SECRET, Kind, Object

Lookup = Callable[[Kind, str], Object | None]
"""Takes CONFIG_MAP or SECRET and a name; returns the object of the pod's namespace, None where there is none."""

# what functions/Dockerfile sets, and why
BASE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"}

DATA = "POORWILL_DATA"
STORE, METRICS_PORT, HOST = "POORWILL_STORE", "POORWILL_METRICS_PORT", "POORWILL_HOST"
GATEWAY = "POORWILL_GATEWAY"
"""Where a process finds the cluster's names, none of which its machine can resolve."""

_REFERENCE = re.compile(r"\$(\$|\(([^()]*)\))")
# what makes an interpreter or a loader run files that nobody registered
_HARMLESS = (
    "UNBUFFERED|DONTWRITEBYTECODE|FAULTHANDLER|HASHSEED|IOENCODING|UTF8|OPTIMIZE|(TRACE)?MALLOC|NOUSERSITE|SAFEPATH"
    "|ASYNCIODEBUG|DEVMODE|_VERSION|_GIL|_CPU_COUNT"
)
_LOADERS = re.compile(
    rf"PYTHON(?!({_HARMLESS})\Z).*|LD_(PRELOAD|LIBRARY_PATH|AUDIT)|DYLD_.*|GCONV_PATH|OPENSSL_(CONF|MODULES|ENGINES)"
    "|OMP_TOOL_LIBRARIES|(CUDA|NVTX)_INJECTION(32|64)_PATH",
    re.DOTALL,
)


class Environment(NamedTuple):
    """Variables, or in kubelet's words what is missing for them."""

    values: Mapping[str, str]
    missing: str = ""


class Place(NamedTuple):
    """Where a process finds itself on this machine, in place of a pod's own network and disk."""

    folder: Path  # HOME and TMPDIR
    working_folder: Path  # a relative POORWILL_STORE starts here
    path: str  # PATH
    host: str
    port: int
    metrics_port: int
    gateway: str  # host:port, of the data path


class _MissingError(LookupError):
    """Carries kubelet's words out of a nest of references."""


def declared(container: Object, namespace: str, lookup: Lookup) -> Environment:
    """Return what a container's envFrom and env come to, as kubelet's makeEnvironmentVariables has it.

    https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/kubelet/kubelet_pods.go
    """
    values: dict[str, str] = {}
    try:
        for source in container.get("envFrom") or ():
            prefix = source.get("prefix", "")
            values |= {prefix + name: value for name, value in _all(source, namespace, lookup).items()}
        for entry in container.get("env") or ():
            value = _value(entry, values, namespace, lookup)
            if value is not None:
                values[entry["name"]] = value
    except _MissingError as missing:
        return Environment({}, str(missing))
    return Environment(values)


def foreign(values: Mapping[str, str]) -> str:
    """Return why a process may not be given variables that were declared, "" where it may."""
    loading = sorted(filter(_LOADERS.fullmatch, values))
    words = "the twin runs registered functions only, and this variable can make a process load other files"
    return f"{', '.join(loading)}: {words}" if loading else ""


def placed(values: Mapping[str, str], own: Mapping[str, str], place: Place) -> dict[str, str]:
    """Return the whole environment: the base, what was declared, and what is this machine's, or its maker's, to say."""
    folder = str(place.folder)
    whole = {"LANG": "C.UTF-8", **BASE, **values, "PATH": place.path, "HOME": folder, "TMPDIR": folder}
    whole |= {HOST: place.host, GATEWAY: place.gateway, "PORT": str(place.port), **own}
    if values.get(METRICS_PORT, "-1") != "-1":
        whole[METRICS_PORT] = str(place.metrics_port)
    for name in (STORE, DATA):
        folder_or_url = values.get(name, "")
        if folder_or_url and "://" not in folder_or_url:
            whole[name] = str(place.working_folder / folder_or_url)
    return whole


def expanded(text: str, values: Mapping[str, str]) -> str:
    """Return the text with each $(NAME) that is known replaced, and $$ as $."""

    def one(found: re.Match[str]) -> str:
        return "$" if found[1] == "$" else values.get(found[2], found[0])

    return _REFERENCE.sub(one, text)


def _value(entry: Object, values: Mapping[str, str], namespace: str, lookup: Lookup) -> str | None:
    """Return a variable's value, None where it is an optional one that isn't there."""
    source = entry.get("valueFrom")
    if entry.get("value") or not source:
        return expanded(entry.get("value") or "", values)
    for name, kind in (("configMapKeyRef", CONFIG_MAP), ("secretKeyRef", SECRET)):
        if name in source:
            return _key(source[name], kind, namespace, lookup)
    if (source.get("fieldRef") or {}).get("fieldPath") == "metadata.namespace":  # in Jobs, where Knative looks on
        return namespace
    words = "the twin knows configMapKeyRef, secretKeyRef and the field metadata.namespace, and no other source"
    raise _MissingError(f"{entry['name']}: {words}")


def _key(reference: Object, kind: Kind, namespace: str, lookup: Lookup) -> str | None:
    optional = reference.get("optional", False)
    data = _data(reference, kind, lookup)
    if reference["key"] in data:
        return data[reference["key"]]
    if optional:
        return None
    raise _MissingError(f"couldn't find key {reference['key']} in {kind.kind} {namespace}/{reference['name']}")


def _all(source: Object, namespace: str, lookup: Lookup) -> Mapping[str, str]:
    for name, kind in (("configMapRef", CONFIG_MAP), ("secretRef", SECRET)):
        if name in source:
            return _data(source[name], kind, lookup)
    raise _MissingError(f"envFrom in {namespace}: the twin knows configMapRef and secretRef, and no other source")


def _data(reference: Object, kind: Kind, lookup: Lookup) -> Mapping[str, str]:
    """Return an object's data as text, nothing where an optional one isn't there."""
    found = lookup(kind, reference["name"])
    if found is None:
        if reference.get("optional", False):
            return {}
        raise _MissingError(f'{kind.singular} "{reference["name"]}" not found')
    data: dict[str, str] = found.get("data") or {}
    if kind is SECRET:
        return {name: base64.b64decode(value).decode(errors="surrogateescape") for name, value in data.items()}
    return data
