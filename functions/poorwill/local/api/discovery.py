"""What clients read first: which groups, versions and resources there are, in the aggregated form and the old one."""

from poorwill.kinds.kind import Object
from poorwill.local.api.resources import RESOURCES, REVIEWS, Resource, Review, Subresource, group_versions

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
VERSION: Object = {
    "major": "1",
    "minor": "35",
    "gitVersion": "v1.35.0+poorwill-twin",
    "gitCommit": "",
    "gitTreeState": "",
    "buildDate": "",
    "goVersion": "",
    "compiler": "",
    "platform": "",
}
"""Whose API it is a subset of, so that clients know what to ask for."""


def wants_aggregated(accept: str) -> bool:
    """Return whether an Accept header takes the aggregated form."""
    return any(
        {"g=apidiscovery.k8s.io", "v=v2", "as=APIGroupDiscoveryList"} <= {part.strip() for part in choice.split(";")}
        for choice in accept.split(",")
    )


def aggregated(*, core: bool) -> Object:
    """Return everything at once: of the core group, or of all others."""
    groups: dict[str, list[Object]] = {}
    for group, version in group_versions():
        if (group == "") is core:
            found = {"version": version, "resources": _discovered(group, version), "freshness": "Current"}
            groups.setdefault(group, []).append(found)
    items = [{"metadata": {"name": name} if name else {}, "versions": versions} for name, versions in groups.items()]
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}


def core_versions() -> Object:
    """Return the versions of the core group."""
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}


def group_list() -> Object:
    """Return all groups but the core group."""
    names = dict.fromkeys(group for group, _ in group_versions() if group)
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(name) for name in names]}


def group(name: str) -> Object | None:
    """Return one group, None where there is none."""
    known = name and any(name == each for each, _ in group_versions())
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name)} if known else None


def resource_list(name: str, version: str) -> Object | None:
    """Return the resources of one version of a group, None where there is none."""
    if (name, version) not in group_versions():
        return None
    resources = [entry for found in RESOURCES if _is_of(found, name, version) for entry in _entries(found)]
    resources += [_review_entry(found) for found in REVIEWS if (found.group, found.version) == (name, version)]
    place = f"{name}/{version}" if name else version
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": place, "resources": resources}


def paths() -> Object:
    """Return the paths that stand in the root."""
    found = ["/api", "/api/v1", "/apis"]
    for name, version in group_versions():
        if name:
            found += [f"/apis/{name}", f"/apis/{name}/{version}"]
    return {"paths": [*found, "/healthz", "/livez", "/openapi/v3", "/readyz", "/version"]}


def _group(name: str) -> Object:
    versions = [
        {"groupVersion": f"{name}/{version}", "version": version} for each, version in group_versions() if each == name
    ]
    return {"name": name, "versions": versions, "preferredVersion": versions[0]}


def _is_of(found: Resource, name: str, version: str) -> bool:
    return (found.kind.group, found.kind.version) == (name, version)


def _discovered(name: str, version: str) -> list[Object]:
    kinds = [_resource(found) for found in RESOURCES if _is_of(found, name, version)]
    return kinds + [_review(found) for found in REVIEWS if (found.group, found.version) == (name, version)]


def _resource(found: Resource) -> Object:
    kind = found.kind
    what = {"group": kind.group, "version": kind.version, "kind": kind.kind}
    entry: Object = {
        "resource": kind.plural,
        "responseKind": what,
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": list(found.verbs),
    }
    if kind.short_names:
        entry["shortNames"] = list(kind.short_names)
    if kind.categories:
        entry["categories"] = list(kind.categories)
    if found.subresources:
        entry["subresources"] = [
            {"subresource": each.name, "responseKind": what, "verbs": list(each.verbs)} for each in found.subresources
        ]
    return entry


def _review(found: Review) -> Object:
    what = {"group": found.group, "version": found.version, "kind": found.kind}
    entry = {"resource": found.plural, "responseKind": what, "scope": "Cluster"}
    return {**entry, "singularResource": found.kind.lower(), "verbs": ["create"]}


def _entries(found: Resource) -> list[Object]:
    kind = found.kind
    entry: Object = {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": list(found.verbs),
    }
    if kind.short_names:
        entry["shortNames"] = list(kind.short_names)
    if kind.categories:
        entry["categories"] = list(kind.categories)
    return [entry, *(_subentry(found, each) for each in found.subresources)]


def _subentry(found: Resource, each: Subresource) -> Object:
    name = f"{found.kind.plural}/{each.name}"
    entry = {"name": name, "singularName": "", "namespaced": found.kind.namespaced, "kind": found.kind.kind}
    return {**entry, "verbs": list(each.verbs)}


def _review_entry(found: Review) -> Object:
    entry = {"name": found.plural, "singularName": found.kind.lower(), "namespaced": False, "kind": found.kind}
    return {**entry, "verbs": ["create"]}
