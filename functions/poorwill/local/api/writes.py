"""What the API writes: objects checked, defaulted, signed with who owns which field, and only then stored."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from poorwill.errors import PoorwillError
from poorwill.kinds import admission
from poorwill.kinds.kind import JOB, NAMESPACE, POD, Key, Kind, Object
from poorwill.local.api.merge.apply import apply
from poorwill.local.api.merge.ownership import record_update
from poorwill.local.api.merge.patches import json_patch, merge_patch, strategic_merge
from poorwill.local.api.resources import APPLY, JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH, Resource
from poorwill.local.api.status import (
    Cause,
    StatusError,
    answer,
    bad_request,
    conflict,
    forbidden,
    invalid,
    not_found,
    unsupported_media,
)
from poorwill.local.api.strategy import writable
from poorwill.local.state import State

_PROTECTED = frozenset(("default", "kube-system", "kube-public", "kube-node-lease"))
_FINALIZERS = {"Foreground": "foregroundDeletion", "Orphan": "orphan"}
_REQUIRED = Cause("FieldValueRequired", "Required value: name or generateName is required", "metadata.name")


class Admit(Protocol):
    """Decides whether an object may be stored, and returns it with all defaults; raises RefusedError."""

    def __call__(self, obj: Object, old: Object | None = None, *, user: str, dry_run: bool = False) -> Object:
        """Return the object as it is to be stored; a dry run looks closer, as Knative's does."""


class Target(NamedTuple):
    """What a request is about; name and subresource may be ""."""

    resource: Resource
    namespace: str
    name: str
    subresource: str = ""

    @property
    def key(self) -> Key:
        """Return which object it is."""
        return Key(self.resource.kind, self.namespace, self.name)


class Options(NamedTuple):
    """How a caller wants a write done."""

    manager: str = ""
    dry_run: bool = False
    force: bool = False
    validation: str = "Warn"  # Strict, Warn or Ignore: what happens to fields that the kind does not have


class Deletion(NamedTuple):
    """How a caller wants an object deleted."""

    policy: str = ""  # Background, Foreground or Orphan
    uid: str = ""
    resource_version: str = ""
    grace_seconds: int | None = None  # of a Pod; None takes its own
    dry_run: bool = False


class Written(NamedTuple):
    """What a write led to."""

    obj: Object
    created: bool = False
    warnings: tuple[str, ...] = ()


class Writes:
    """Creates, updates, patches, applies and deletes, for one user, in the rules of the Kubernetes API."""

    def __init__(self, state: State, admit: Admit, user: str) -> None:
        self._state = state
        self._admit = admit
        self._user = user

    def create(self, target: Target, sent: Object, options: Options) -> Written:
        """Add an object."""
        obj = _placed(target, sent)
        if not obj["metadata"].get("name") and not obj["metadata"].get("generateName"):
            raise invalid(target.resource.kind, "", [_REQUIRED])
        if obj["metadata"].get("resourceVersion"):
            raise bad_request("resourceVersion should not be set on objects to be created")
        target = target._replace(name=obj["metadata"].get("name") or "")
        self._check_namespace(target)
        pruned, warnings = _without_unknown(obj, options)
        return Written(self._stored(target, pruned, None, options), created=True, warnings=warnings)

    def update(self, target: Target, sent: Object, options: Options) -> Written:
        """Replace an object, or its status."""
        obj = _placed(target, sent)
        live = self._live(target)
        if target.resource.kind.custom and not obj["metadata"].get("resourceVersion"):
            wanted = Cause(
                "FieldValueInvalid", "Invalid value: must be specified for an update", "metadata.resourceVersion"
            )
            raise invalid(target.resource.kind, target.name, [wanted])
        pruned, warnings = _without_unknown(obj, options)
        return Written(self._stored(target, pruned, live, options), warnings=warnings)

    def patch(self, target: Target, media_type: str, sent: Any, options: Options) -> Written:
        """Change parts of an object; an apply also makes it where it isn't there."""
        if media_type not in target.resource.patches:
            raise unsupported_media(*target.resource.patches)
        if media_type == APPLY:
            return self._apply(target, sent, options)
        if options.force:
            raise bad_request("force: may not be specified for a patch that is no apply")
        live = self._live(target)
        changed = self._try(target, lambda: _shaped(lambda: _patched(target.resource.kind, media_type, live, sent)))
        obj = _placed(target, changed)
        pruned, warnings = _without_unknown(obj, options)
        return Written(self._stored(target, pruned, live, options), warnings=warnings)

    def delete(self, target: Target, deletion: Deletion) -> Object:
        """Delete an object; return it as it last was, or as it waits for its finalizers."""
        kind = target.resource.kind
        if kind is NAMESPACE and target.name in _PROTECTED:
            raise forbidden(kind, target.name, "this namespace may not be deleted")
        live = self._live(target)
        # a Job leaves its pods, as it did before there were policies
        finalizer = _FINALIZERS.get(deletion.policy or ("Orphan" if kind is JOB else ""))
        metadata = live["metadata"]
        for name, wanted in (("uid", deletion.uid), ("resourceVersion", deletion.resource_version)):
            if wanted not in ("", metadata[name]):
                raise conflict(kind, target.name, f"Precondition failed: the {name} in it is not the object's")

        def step() -> Object:
            if finalizer and kind is not POD and not deletion.dry_run and "deletionTimestamp" not in metadata:
                finalizers = [*metadata.get("finalizers", ()), finalizer]
                self._state.update({**live, "metadata": {**metadata, "finalizers": finalizers}})
            return self._state.delete(target.key, grace_seconds=deletion.grace_seconds, dry_run=deletion.dry_run)

        return self._try(target, step)

    def _apply(self, target: Target, sent: Any, options: Options) -> Written:
        if not options.manager:
            missing = Cause("FieldValueRequired", "Required value: is required for apply patch", "fieldManager")
            raise _options_invalid(missing)
        if not isinstance(sent, dict):
            raise bad_request("the body is no Kubernetes object: wanted apiVersion, kind and metadata")
        config, warnings = _without_unknown(_placed(target, sent), options)
        live = self._state.get(target.key)
        if live is None:
            if target.subresource:
                raise not_found(target.resource.kind, target.name)
            if config["metadata"].get("uid"):  # a resourceVersion alone is no condition on what is not there
                raise conflict(target.resource.kind, target.name, "there is no object with that uid")
            config["metadata"].pop("resourceVersion", None)
            self._check_namespace(target)
        merged = self._try(
            target,
            lambda: _shaped(
                lambda: apply(
                    live,
                    config,
                    manager=options.manager,
                    force=options.force,
                    now=_now(),
                    subresource=target.subresource,
                )
            ),
        )
        for name in ("uid", "resourceVersion"):  # those that the caller insists on, or none
            merged["metadata"].pop(name, None)
            merged["metadata"] |= {name: config["metadata"][name]} if config["metadata"].get(name) else {}
        stored = self._stored(target, merged, live, options, applied=True)
        return Written(stored, created=live is None, warnings=warnings)

    def _stored(
        self, target: Target, obj: Object, live: Object | None, options: Options, *, applied: bool = False
    ) -> Object:
        """Store an object as it is once admitted, with the owners of its fields as they are before that."""

        def store() -> Object:
            is_status = target.subresource == "status"
            whole = writable(target.resource.kind, live, obj, status=is_status)
            admitted = whole if is_status else self._admit(whole, live, user=self._user, dry_run=options.dry_run)
            owned = whole
            if not applied:
                # Kubernetes' own kinds are read with their defaults
                read = whole if is_status or target.resource.kind.custom else admission.default(whole)
                owned = record_update(live, read, manager=options.manager, now=_now(), subresource=target.subresource)
            metadata = {name: value for name, value in admitted["metadata"].items() if name != "managedFields"}
            if owned["metadata"].get("managedFields"):
                metadata["managedFields"] = owned["metadata"]["managedFields"]
            new = {**admitted, "metadata": metadata}
            if live is None:
                return self._state.create(new, dry_run=options.dry_run)
            return self._state.update(new, status=is_status, dry_run=options.dry_run)

        return self._try(target, store)

    def _live(self, target: Target) -> Object:
        live = self._state.get(target.key)
        if live is None:
            raise not_found(target.resource.kind, target.name)
        return live

    def _check_namespace(self, target: Target) -> None:
        """Raise where nothing can be made in the namespace: it isn't there, or on its way out."""
        if not target.resource.kind.namespaced:
            return
        namespace = self._state.get(Key(NAMESPACE, "", target.namespace))
        if namespace is None:
            raise not_found(NAMESPACE, target.namespace)
        if "deletionTimestamp" in namespace["metadata"]:
            why = f"unable to create new content in namespace {target.namespace} because it is being terminated"
            raise forbidden(target.resource.kind, target.name, why)

    def _try(self, target: Target, step: Callable[[], Object]) -> Object:
        try:
            return step()
        except PoorwillError as error:
            raise answer(error, target.resource.kind, target.name) from error


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _options_invalid(cause: Cause) -> StatusError:
    message = f'PatchOptions.meta.k8s.io "" is invalid: {cause.field}: {cause.message}'
    found = {"group": "meta.k8s.io", "kind": "PatchOptions", "causes": [cause._asdict()]}
    return StatusError(422, "Invalid", message, found)


def _placed(target: Target, sent: Object) -> Object:
    """Return what was sent under the namespace and the name of its path; BadRequest where it says others."""
    kind = target.resource.kind
    metadata = sent.get("metadata") or {}
    if (sent.get("apiVersion"), sent.get("kind")) != (kind.api_version, kind.kind):
        raise bad_request(
            f"the object provided is unrecognized: wanted apiVersion {kind.api_version}, kind {kind.kind}"
        )
    if not isinstance(metadata, dict) or not all(
        isinstance(metadata.get(name) or "", str)
        for name in ("name", "namespace", "generateName", "resourceVersion", "uid")
    ):
        raise bad_request(
            "metadata can't be read: wanted strings as name, namespace, generateName, resourceVersion, uid"
        )
    if (metadata.get("namespace") or target.namespace) != target.namespace:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    if target.name and (metadata.get("name") or target.name) != target.name:
        raise bad_request("the name of the object does not match the name on the URL")
    metadata = {**metadata, **({"name": target.name} if target.name else {})}
    if kind.namespaced:
        metadata["namespace"] = target.namespace
    return {**sent, "metadata": metadata}


def _without_unknown(obj: Object, options: Options) -> tuple[Object, tuple[str, ...]]:
    """Return an object without fields that its kind does not have, and warnings of them; Strict refuses it."""
    unknown = [f'unknown field "{path}"' for path in admission.unknown_fields(obj)]
    if unknown and options.validation == "Strict":
        name, version = obj["kind"], obj["apiVersion"].rpartition("/")[2]
        head = f'{name} in version "{version}" cannot be handled as a {name}: strict decoding error: '
        raise bad_request(head + ", ".join(unknown))
    return admission.pruned(obj) if unknown else obj, tuple(unknown) if options.validation == "Warn" else ()


def _shaped(merge: Callable[[], Object]) -> Object:
    """Return what a merge makes; BadRequest where it meets a text or a list in an object's place, or the like."""
    try:
        return merge()
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise bad_request("the body can't be merged: parts of it are not of the types that the kind has") from None


def _patched(kind: Kind, media_type: str, live: Object, patch: Any) -> Object:
    if media_type == JSON_PATCH:
        return json_patch(live, patch)
    if not isinstance(patch, dict):
        raise bad_request("the patch can't be read: wanted an object")
    if media_type == MERGE_PATCH:
        changed = merge_patch(live, patch)
    elif media_type == STRATEGIC_MERGE_PATCH:
        changed = strategic_merge(kind, live, patch)
    return changed if isinstance(changed, dict) else {}
