"""What Knative refuses in a revision's volumes and their mounts: pkg/apis/serving/k8s_validation.go of 1.23.0."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from poorwill.errors import Fault
from poorwill.kinds import quantity, refusals
from poorwill.kinds.metadata import is_dns_1123_label
from poorwill.kinds.pod_spec import VolumeMount
from poorwill.kinds.volume import DownwardFile, EmptyDir, KeyToPath, Projection, Volume

_RESERVED_PATHS = {"/", "/dev", "/dev/log"}
_LABEL = "a label of at most 63 small letters, digits and -"


def volume_faults(volumes: Sequence[Volume], mounted: AbstractSet[str], where: str) -> Iterator[Fault]:
    """Yield what is wrong with volumes, those that no container mounts included."""
    seen: set[str] = set()
    for at, volume in enumerate(volumes):
        here = f"{where}[{at}]"
        if volume.name in seen:
            yield Fault(f"{here}.name", "names that differ", "one name twice", "rename one")
        seen.add(volume.name)
        if volume.name not in mounted:
            yield Fault(f"{here}.name", "a volume that a container mounts", "one that none does", "mount or remove it")
        if not volume.name:
            yield refusals.missing(f"{here}.name")
        elif not is_dns_1123_label(volume.name):
            yield refusals.unreadable(f"{here}.name", _LABEL)
        yield from _source_faults(volume, here)


def _source_faults(volume: Volume, where: str) -> Iterator[Fault]:
    closed = {
        "persistentVolumeClaim": volume.persistent_volume_claim,
        "hostPath": volume.host_path,
        "csi": volume.csi,
        "ephemeral": volume.ephemeral,
        "image": volume.image,
    }
    for name, source in closed.items():
        if source is not None:
            yield refusals.forbidden(f"{where}.{name}")
    files = volume.secret or volume.config_map
    if files is not None:
        yield from _item_faults(files.items, where)
    if volume.projected is not None:
        for at, projection in enumerate(volume.projected.sources or ()):
            yield from _projection_faults(projection, f"{where}.projected[{at}]")
    if volume.empty_dir is not None:
        yield from _empty_dir_faults(volume.empty_dir, f"{where}.emptyDir")
    open_sources = {
        "secret": volume.secret,
        "configMap": volume.config_map,
        "projected": volume.projected,
        "emptyDir": volume.empty_dir,
    }
    present = [f"{where}.{name}" for name, source in {**open_sources, **closed}.items() if source is not None]
    if not present:
        yield refusals.missing(*(f"{where}.{name}" for name in open_sources))
    elif len(present) > 1:
        yield refusals.several(*present)


def _item_faults(items: Sequence[KeyToPath], where: str) -> Iterator[Fault]:
    for at, item in enumerate(items):
        if not item.key:
            yield refusals.missing(f"{where}.items[{at}].key")
        if not item.path:
            yield refusals.missing(f"{where}.items[{at}].path")


def _projection_faults(projection: Projection, where: str) -> Iterator[Fault]:
    for name, source in (("secret", projection.secret), ("configMap", projection.config_map)):
        if source is not None:
            if not source.name:
                yield refusals.missing(f"{where}.{name}.name")
            yield from _item_faults(source.items, f"{where}.{name}")
    token, downward = projection.service_account_token, projection.downward_api
    if token is not None and not token.path:
        yield refusals.missing(f"{where}.serviceAccountToken.path")
    if downward is not None:
        for at, file in enumerate(downward.items):
            yield from _downward_faults(file, f"{where}.downwardAPI.items[{at}]")
    sources = {
        "secret": projection.secret,
        "configMap": projection.config_map,
        "serviceAccountToken": token,
        "downwardAPI": downward,
    }
    present = [f"{where}.{name}" for name, source in sources.items() if source is not None]
    if not present:
        yield refusals.missing(*(f"{where}.{name}" for name in sources))
    elif len(present) > 1:
        yield refusals.several(*present)


def _downward_faults(file: DownwardFile, where: str) -> Iterator[Fault]:
    fields = (f"{where}.fieldRef", f"{where}.resourceFieldRef")
    if file.field_ref is None and file.resource_field_ref is None:
        yield refusals.missing(*fields)
    if file.field_ref is not None and file.resource_field_ref is not None:
        yield refusals.several(*fields)
    if not file.path:
        yield refusals.missing(f"{where}.path")


def _empty_dir_faults(directory: EmptyDir, where: str) -> Iterator[Fault]:
    if directory.medium not in {"", "Memory"}:
        yield refusals.unreadable(f"{where}.medium", "nothing or Memory")
    if directory.size_limit is None:
        return
    try:
        if quantity.parse(directory.size_limit) < 0:
            yield refusals.outside(f"{where}.sizeLimit", 0, 2**63 - 1, "bytes")
    except ValueError:
        yield refusals.unreadable(f"{where}.sizeLimit", "a quantity such as 1Gi")


def mount_faults(mounts: Sequence[VolumeMount], volumes: Mapping[str, Volume], where: str) -> Iterator[Fault]:
    """Yield what is wrong with one container's mounts."""
    seen: set[str] = set()
    for at, mount in enumerate(mounts):
        here = f"{where}[{at}]"
        volume = volumes.get(mount.name)
        if volume is None:
            yield Fault(f"{here}.name", "a volume of the pod", "none of that name", "declare it under volumes")
        path = _clean(mount.mount_path)
        if not path:
            yield refusals.missing(f"{here}.mountPath")
        elif path in _RESERVED_PATHS:
            yield Fault(f"{here}.mountPath", "a path that is not reserved", "/, /dev or /dev/log", "mount it elsewhere")
        elif not path.startswith("/"):
            yield refusals.unreadable(f"{here}.mountPath", "an absolute path")
        elif path in seen:
            yield Fault(f"{here}.mountPath", "paths that differ", "one path twice", "mount one elsewhere")
        seen.add(path)
        if not mount.read_only and not _writable(volume):
            yield Fault(f"{here}.readOnly", "true for what is no emptyDir", "false", "set it")
        if mount.mount_propagation is not None:
            yield refusals.forbidden(f"{here}.mountPropagation")


def _clean(path: str) -> str:
    # POSIX leaves two slashes at the beginning alone, Go does not
    return re.sub(r"^//", "/", posixpath.normpath(path)) if path else ""


def _writable(volume: Volume | None) -> bool:
    if volume is None:
        return False
    return any(source is not None for source in (volume.empty_dir, volume.persistent_volume_claim, volume.ephemeral))
