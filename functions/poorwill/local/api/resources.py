"""The table of what the API serves: which verbs each kind has, which fields it is selected by, which patches it takes.

Discovery, the API's OpenAPI document, its routes and docs/twin-api.md are all made from it.
"""

from typing import NamedTuple

from poorwill.kinds.kind import EVENT, JOB, KINDS, NAMESPACE, POD, REVISION, SECRET, Kind

VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
_SEEN = ("delete", "deletecollection", "get", "list", "watch")
_ALWAYS = ("metadata.name", "metadata.namespace")

JSON, YAML, PROTOBUF = "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"


class Subresource(NamedTuple):
    """A part of an object that has a path of its own."""

    name: str
    verbs: tuple[str, ...]


class Resource(NamedTuple):
    """One kind as it is served."""

    kind: Kind
    verbs: tuple[str, ...]
    fields: tuple[str, ...]  # that a fieldSelector may name
    patches: tuple[str, ...]  # media types
    subresources: tuple[Subresource, ...]

    def subresource(self, name: str) -> Subresource | None:
        """Return a subresource by its name."""
        return next((found for found in self.subresources if found.name == name), None)


class Review(NamedTuple):
    """A question about the caller that is asked by creating an object, which is not kept."""

    group: str
    version: str
    kind: str
    plural: str

    @property
    def api_version(self) -> str:
        """Return what an object of this kind says as apiVersion."""
        return f"{self.group}/{self.version}"


_ABOUT = tuple(
    f"involvedObject.{name}"
    for name in ("apiVersion", "fieldPath", "kind", "name", "namespace", "resourceVersion", "uid")
)
_FIELDS = {
    NAMESPACE: ("status.phase",),
    SECRET: ("type",),
    POD: ("spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "status.phase", "status.podIP"),
    JOB: ("status.successful",),
    EVENT: (*_ABOUT, "reason", "reportingComponent", "source", "type"),
}
_KIND_VERBS = {
    POD: _SEEN,  # the twin makes them
    EVENT: _SEEN,
    REVISION: tuple(verb for verb in VERBS if verb != "create"),  # a Configuration makes them
}


def _resource(kind: Kind) -> Resource:
    verbs = _KIND_VERBS.get(kind, VERBS)
    # custom resources have no strategic merge patch
    patches = (JSON_PATCH, MERGE_PATCH, *(() if kind.custom else (STRATEGIC_MERGE_PATCH,)), APPLY)
    subresources = []
    if kind.status:
        subresources.append(Subresource("status", ("get", "patch", "update") if "patch" in verbs else ("get",)))
    if kind is POD:
        subresources.append(Subresource("log", ("get",)))
    fields = tuple(field for field in _ALWAYS if kind.namespaced or field != "metadata.namespace")
    return Resource(
        kind,
        verbs,
        fields + _FIELDS.get(kind, ()),
        patches if "patch" in verbs else (),
        tuple(subresources),
    )


RESOURCES = tuple(map(_resource, KINDS))

REVIEWS = (
    Review("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews"),
    Review("authorization.k8s.io", "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews"),
    Review("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews"),
)

_BY_PLACE = {(found.kind.group, found.kind.version, found.kind.plural): found for found in RESOURCES}
_REVIEWS = {(found.group, found.version, found.plural): found for found in REVIEWS}


def resource_at(group: str, version: str, plural: str) -> Resource | None:
    """Return what is served at a path."""
    return _BY_PLACE.get((group, version, plural))


def review_at(group: str, version: str, plural: str) -> Review | None:
    """Return the question that is asked at a path."""
    return _REVIEWS.get((group, version, plural))


def group_versions() -> tuple[tuple[str, str], ...]:
    """Return every group and version that has something, the core group first."""
    kinds = [(found.kind.group, found.kind.version) for found in RESOURCES]
    return tuple(dict.fromkeys(sorted(kinds) + [(found.group, found.version) for found in REVIEWS]))
