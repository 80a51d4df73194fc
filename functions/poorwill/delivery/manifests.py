"""The manifests of knative/base as objects of any version and model: structured edits, never templates.

What is edited is named here; all else stays as the file has it.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml

from poorwill.delivery.components import kustomization
from poorwill.errors import Fault, NotFoundError, UnavailableError, UsageError
from poorwill.kinds.kind import SERVICE, Kind, Object, kind_of
from poorwill.kinds.objects import labels
from poorwill.registry.records import VersionRecord

MODEL_LABEL, VERSION_LABEL = "poorwill.dev/model", "poorwill.dev/version"
NAME_LABEL = "app.kubernetes.io/name"
CONTAINER = "predictor"
_BROKER_URL = "POORWILL_BROKER_URL"
_OPEN_BROKER = "http://broker-ingress.knative-eventing.svc.cluster.local/default/"
_KUBECTL_SECONDS = 60
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times as quick
_PACKAGED = Path(__file__).parent.parent / "manifests"  # in the wheel
_CLONE = Path(__file__).parents[3] / "knative"


def base() -> Path:
    """Return the folder of the manifests that all versions start from."""
    return (_PACKAGED if _PACKAGED.is_dir() else _CLONE) / "base"


def service_name(model: str, version: int) -> str:
    """Return the name of a version's Service, which is that of its Configuration too."""
    return f"{model}-v{version}"


def shared_objects() -> dict[tuple[Kind, str], Object]:
    """Return what all version services of a namespace share, by kind and name."""
    objects = [*objects_of(base() / "service-account.yaml"), *objects_of(base() / "store.yaml")]
    return {(kind_of(obj), obj["metadata"]["name"]): obj for obj in objects}


def objects_of(path: Path) -> list[Object]:
    """Return the objects of one of Poorwill's own manifests."""
    return _loaded(_read(path))


def starting_service(path: Path | None = None, components: Sequence[str] = ()) -> Object:
    """Return the version service that others are made from.

    Args:
        path: a YAML file, or a folder with a kustomization, that has one; None for Poorwill's own.
        components: of knative/components, laid over it; see components.names.

    Raises:
        NotFoundError: nothing there.
        UsageError: no Service of Knative, or several; no such component.
        UnavailableError: a folder that takes too long to render.
    """
    path = path or base() / "version-service.yaml"
    if components:
        with kustomization(base().parent / "components", path, components) as folder:
            objects = _loaded(_rendered(folder))
    else:
        objects = _loaded(_rendered(path) if path.is_dir() else _read(path))
    services = [
        obj for obj in objects if (obj.get("apiVersion"), obj.get("kind")) == (SERVICE.api_version, SERVICE.kind)
    ]
    if len(services) != 1:
        found = f"{len(services)} of them" if services else "none"
        advice = "give a file that has just that one"
        raise UsageError(Fault("--from", f"one {SERVICE.api_version} Service", found, advice))
    return services[0]


def version_service(
    start: Object, record: VersionRecord, namespace: str, *, image: str = "", packs: Sequence[str] = ()
) -> Object:
    """Return the Service of one version.

    Args:
        start: the Service that it is made from; see starting_service.
        record: of the version.
        namespace: to deploy it in.
        image: of its container, best with a digest; "" for the one that `start` names.
        packs: digests of the start packs that may stand for the model's own bytes.

    Raises:
        UsageError: a starting Service without a container to serve with.
    """
    service = _copy(start)
    name = service_name(record.model, record.version)
    service["metadata"] = _named(service.get("metadata"), record, name) | {"name": name, "namespace": namespace}
    template = service.setdefault("spec", {}).setdefault("template", {})
    template["metadata"] = _named(template.get("metadata"), record, name)
    container = _container(template)
    values = {"POORWILL_MODEL": record.name, "POORWILL_DIGEST": record.blob.digest}
    if packs:
        values["POORWILL_PACK_DIGESTS"] = ",".join(packs)
    values |= _own_broker(variables(container).get(_BROKER_URL, ""), namespace)
    container["env"] = _with_values(container.get("env") or [], values)
    if image:
        container["image"] = image
    return service


def model_route(model: str, namespace: str, traffic: list[Object]) -> Object:
    """Return the standalone Route of a model with its traffic."""
    (route,) = objects_of(base() / "model-route.yaml")
    metadata = route["metadata"]
    metadata |= {"name": model, "namespace": namespace}
    metadata["labels"] |= {NAME_LABEL: model, MODEL_LABEL: model}
    route["spec"]["traffic"] = traffic
    return route


def version_of(service: Object) -> int | None:
    """Return the version that a Service of Knative serves; None where it is none of Poorwill's."""
    name, own = service["metadata"]["name"], labels(service)
    model, version = own.get(MODEL_LABEL, ""), own.get(VERSION_LABEL, "")
    return int(version) if version.isdecimal() and name == service_name(model, int(version)) else None


def container_of(service: Object) -> Object:
    """Return the container of a version service that serves; UsageError where there is none."""
    return _container(service.get("spec", {}).get("template", {}))


def variables(container: Object) -> dict[str, str]:
    """Return the variables whose values a container's manifest itself has."""
    return {entry["name"]: entry.get("value") or "" for entry in container.get("env") or () if "valueFrom" not in entry}


def _named(metadata: Object | None, record: VersionRecord, name: str) -> Object:
    found = dict(metadata or {})
    own = {MODEL_LABEL: record.model, VERSION_LABEL: str(record.version), NAME_LABEL: name}
    found["labels"] = {**(found.get("labels") or {}), **own}
    return found


def _own_broker(url: str, namespace: str) -> dict[str, str]:
    """Return a Broker's address in a version's own namespace, where the component `sampled` left that open."""
    if not url.startswith(_OPEN_BROKER):
        return {}
    return {_BROKER_URL: f"{_OPEN_BROKER.removesuffix('default/')}{namespace}/{url.removeprefix(_OPEN_BROKER)}"}


def _container(template: Object) -> Object:
    containers: list[Object] = (template.get("spec") or {}).get("containers") or []
    named = [container for container in containers if container.get("name") == CONTAINER]
    serving = named or [container for container in containers if container.get("ports") or len(containers) == 1]
    if len(serving) != 1:
        advice = f"call the one that serves {CONTAINER}"
        found = f"{len(containers)} containers, {len(serving)} of which may be it"
        raise UsageError(Fault("--from, spec.template.spec.containers", "one container that serves", found, advice))
    return serving[0]


def _with_values(env: Iterable[Object], values: dict[str, str]) -> list[Object]:
    """Return variables with these values: in their places where they were there, else behind the others."""
    entries = list(env)
    there = {entry.get("name") for entry in entries}
    replaced = [
        {"name": entry["name"], "value": values[entry["name"]]} if entry.get("name") in values else entry
        for entry in entries
    ]
    return replaced + [{"name": name, "value": value} for name, value in values.items() if name not in there]


def _copy(obj: Object) -> Object:
    """Return a deep copy in which nothing is shared, as YAML's anchors are."""
    copied: Object = json.loads(json.dumps(obj))
    return copied


def _loaded(text: str) -> list[Object]:
    try:
        objects = [obj for obj in yaml.load_all(text, Loader=_LOADER) if obj]
        if all(isinstance(obj, dict) for obj in objects):
            return [_copy(obj) for obj in objects]
    except (yaml.YAMLError, TypeError):  # TypeError: a date, which JSON does not have
        pass
    raise UsageError(Fault("--from", "Kubernetes objects in YAML", "something else", "check the file"))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        fault = Fault("--from", "a file or folder with a version service", "none to read", "check the path")
        raise NotFoundError(fault) from None


def _rendered(folder: Path) -> str:
    kubectl = shutil.which("kubectl") or shutil.which("kubectl", path=str(Path(sys.executable).parent))
    if not kubectl:
        fault = Fault("--from", "kubectl, which renders a folder", "none on the PATH", "install it, or give a file")
        raise NotFoundError(fault)
    command = [kubectl, "kustomize", str(folder)]
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the folder is an argument
            command, capture_output=True, text=True, timeout=_KUBECTL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        wanted = f"a folder that `kubectl kustomize` renders in {_KUBECTL_SECONDS} seconds"
        fault = Fault("--from", wanted, "one that takes longer", "look for remote resources in it, and copy them there")
        raise UnavailableError(fault) from None
    if done.returncode:
        found = done.stderr.strip().removeprefix("error: ")
        raise UsageError(Fault("--from", "a folder that `kubectl kustomize` renders", found, "correct it there"))
    return done.stdout
