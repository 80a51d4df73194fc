"""The OpenAPI 3 documents: which operations there are and what they take, and the shape of each kind.

kubectl reads them to learn whether the server checks fields, and for `kubectl explain`. Of version 2 there is only an
empty document, from which kubectl learns that a kind is not there.
"""

import hashlib
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from poorwill.kinds.kind import Kind, Object
from poorwill.kinds.structure import structure
from poorwill.kinds.structures import structure_of
from poorwill.local.api.discovery import VERSION
from poorwill.local.api.resources import JSON, RESOURCES, Resource, group_versions

_ACTIONS = (
    ("get", "get", "get"),
    ("put", "update", "put"),
    ("patch", "patch", "patch"),
    ("delete", "delete", "delete"),
)
_COLLECTION = (("get", "list", "list"), ("post", "create", "post"), ("delete", "deletecollection", "deletecollection"))
_WRITES = ("dryRun", "fieldManager", "fieldValidation")


V2_PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
"""The form of OpenAPI 2 that kubectl asks for, which it does about kinds that version 3 does not know."""


def empty_v2() -> bytes:
    """Return an OpenAPI 2 document without paths as protobuf: swagger, then info with title and version."""
    title, version = (text.encode() for text in ("Kubernetes", VERSION["gitVersion"]))
    info = b"\x0a" + bytes([len(title)]) + title + b"\x12" + bytes([len(version)]) + version
    return b"\x0a\x032.0\x12" + bytes([len(info)]) + info


def index() -> Object:
    """Return where each group's document lies; the hash is its content's, so clients may keep it."""
    return {
        "paths": {place: {"serverRelativeURL": f"/openapi/v3/{place}?hash={_digest(place)}"} for place in _places()}
    }


@cache
def document(place: str) -> bytes | None:
    """Return one group's document as JSON, None where there is none."""
    if place not in _places():
        return None
    group, version = _places()[place]
    mine = [found for found in RESOURCES if (found.kind.group, found.kind.version) == (group, version)]
    paths = {path: item for found in mine for path, item in _paths(found, f"/{place}").items()}
    schemas = {name: schema for found in mine for name, schema in _schemas(found.kind).items()}
    info = {"title": "Kubernetes", "version": VERSION["gitVersion"]}
    return msgspec.json.encode({"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": schemas}})


def _digest(place: str) -> str:
    return hashlib.sha256(document(place) or b"").hexdigest()


@cache
def _places() -> dict[str, tuple[str, str]]:
    return {
        f"apis/{group}/{version}" if group else f"api/{version}": (group, version)
        for group, version in group_versions()
    }


def _identity(kind: Kind) -> Object:
    return {"group": kind.group, "version": kind.version, "kind": kind.kind}


def _paths(found: Resource, root: str) -> dict[str, Object]:
    kind = found.kind
    base = f"{root}/namespaces/{{namespace}}/{kind.plural}" if kind.namespaced else f"{root}/{kind.plural}"
    item = {name: _operation(found, action) for name, verb, action in _ACTIONS if verb in found.verbs}
    collection = {name: _operation(found, action) for name, verb, action in _COLLECTION if verb in found.verbs}
    return {base: collection, f"{base}/{{name}}": item}


def _operation(found: Resource, action: str) -> Object:
    reads = action in {"get", "list"}
    names = () if reads else (_WRITES if action in {"post", "put", "patch"} else ("dryRun",))
    parameters = [{"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}} for name in names]
    schema = {"$ref": f"#/components/schemas/{_name(found.kind)}"}
    operation: Object = {
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": _identity(found.kind),
        "parameters": parameters,
        "responses": {"200": {"description": "OK", "content": {JSON: {"schema": schema}}}},
    }
    if action == "patch":
        content = {media_type: {"schema": {"type": "object"}} for media_type in found.patches}
        operation["requestBody"] = {"content": content, "required": True}
    elif action in {"post", "put"}:
        operation["requestBody"] = {"content": {JSON: {"schema": schema}}, "required": True}
    return operation


def _name(kind: Kind) -> str:
    return f"{kind.group or 'core'}.{kind.version}.{kind.kind}"


def _schemas(kind: Kind) -> dict[str, Object]:
    shape = _shape(structure(structure_of({"apiVersion": kind.api_version, "kind": kind.kind})))
    shape.setdefault("properties", {})
    shape["properties"] |= {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}
    return {_name(kind): {**shape, "x-kubernetes-group-version-kind": [_identity(kind)]}}


def _shape(found: inspect.Type, around: tuple[type, ...] = ()) -> dict[str, Any]:
    """Return a type's schema, what it is made of included; inside itself it is open, as in Knative's own schemas."""
    match found:
        case inspect.StructType():
            shape: dict[str, Any] = {"type": "object", "description": (found.cls.__doc__ or "").strip()}
            if found.cls in around:
                return shape
            inside = (*around, found.cls)
            return {**shape, "properties": {field.encode_name: _shape(field.type, inside) for field in found.fields}}
        case inspect.ListType() | inspect.VarTupleType():
            return {"type": "array", "items": _shape(found.item_type, around)}
        case inspect.DictType():
            return {"type": "object", "additionalProperties": _shape(found.value_type, around)}
        case inspect.UnionType():
            there = [_shape(one, around) for one in found.types if not isinstance(one, inspect.NoneType)]
            return there[0] if len(there) == 1 else {"oneOf": there}
    return dict(_SCALARS.get(type(found), {"type": "object"}))


_SCALARS: dict[type[inspect.Type], dict[str, str]] = {
    inspect.StrType: {"type": "string"},
    inspect.IntType: {"type": "integer", "format": "int64"},
    inspect.FloatType: {"type": "number"},
    inspect.BoolType: {"type": "boolean"},
}
