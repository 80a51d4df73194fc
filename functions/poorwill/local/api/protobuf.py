"""Kubernetes' protobuf envelope, decoded for the few kinds that kubectl sends in it: `kubectl create` and `auth`.

Field numbers are those of generated.proto in k8s.io/api and k8s.io/apimachinery v0.35.4. Answers are JSON, which every
client that sends protobuf accepts as well.
"""

import base64
from collections.abc import Iterator
from typing import Any

from poorwill.kinds.kind import Object
from poorwill.local.api.status import bad_request

_MAGIC = b"k8s\x00"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10

Field = tuple[str, str]
"""A field's name and type: a scalar, another message, `*type` for each of many, `map type` for values by string."""

_REFERENCE = {1: ("kind", "str"), 2: ("namespace", "str"), 3: ("name", "str"), 4: ("uid", "str")}
_MESSAGES: dict[str, dict[int, Field]] = {
    "Unknown": {1: ("typeMeta", "TypeMeta"), 2: ("raw", "raw"), 3: ("contentEncoding", "str")},
    "TypeMeta": {1: ("apiVersion", "str"), 2: ("kind", "str")},
    "ObjectMeta": {
        1: ("name", "str"),
        2: ("generateName", "str"),
        3: ("namespace", "str"),
        5: ("uid", "str"),
        6: ("resourceVersion", "str"),
        11: ("labels", "map str"),
        12: ("annotations", "map str"),
        13: ("ownerReferences", "*OwnerReference"),
        14: ("finalizers", "*str"),
    },
    "OwnerReference": {
        1: ("kind", "str"),
        3: ("name", "str"),
        4: ("uid", "str"),
        5: ("apiVersion", "str"),
        6: ("controller", "bool"),
        7: ("blockOwnerDeletion", "bool"),
    },
    "Namespace": {1: ("metadata", "ObjectMeta"), 2: ("spec", "NamespaceSpec")},
    "NamespaceSpec": {1: ("finalizers", "*str")},
    "ConfigMap": {
        1: ("metadata", "ObjectMeta"),
        2: ("data", "map str"),
        3: ("binaryData", "map bytes"),
        4: ("immutable", "bool"),
    },
    "Secret": {
        1: ("metadata", "ObjectMeta"),
        2: ("data", "map bytes"),
        3: ("type", "str"),
        4: ("stringData", "map str"),
        5: ("immutable", "bool"),
    },
    "ServiceAccount": {
        1: ("metadata", "ObjectMeta"),
        2: ("secrets", "*ObjectReference"),
        3: ("imagePullSecrets", "*LocalObjectReference"),
        4: ("automountServiceAccountToken", "bool"),
    },
    "ObjectReference": {**_REFERENCE, 5: ("apiVersion", "str")},
    "LocalObjectReference": {1: ("name", "str")},
    "Role": {1: ("metadata", "ObjectMeta"), 2: ("rules", "*PolicyRule")},
    "PolicyRule": {
        1: ("verbs", "*str"),
        2: ("apiGroups", "*str"),
        3: ("resources", "*str"),
        4: ("resourceNames", "*str"),
        5: ("nonResourceURLs", "*str"),
    },
    "RoleBinding": {1: ("metadata", "ObjectMeta"), 2: ("subjects", "*Subject"), 3: ("roleRef", "RoleRef")},
    "RoleRef": {1: ("apiGroup", "str"), 2: ("kind", "str"), 3: ("name", "str")},
    "Subject": {1: ("kind", "str"), 2: ("apiGroup", "str"), 3: ("name", "str"), 4: ("namespace", "str")},
    "Job": {1: ("metadata", "ObjectMeta"), 2: ("spec", "JobSpec")},
    "JobSpec": {6: ("template", "PodTemplateSpec")},
    "PodTemplateSpec": {1: ("metadata", "ObjectMeta"), 2: ("spec", "PodSpec")},
    "PodSpec": {2: ("containers", "*Container"), 3: ("restartPolicy", "str")},
    "Container": {1: ("name", "str"), 2: ("image", "str"), 3: ("command", "*str"), 4: ("args", "*str")},
    "SelfSubjectAccessReview": {1: ("metadata", "ObjectMeta"), 2: ("spec", "SelfSubjectAccessReviewSpec")},
    "SelfSubjectAccessReviewSpec": {
        1: ("resourceAttributes", "ResourceAttributes"),
        2: ("nonResourceAttributes", "NonResourceAttributes"),
    },
    "ResourceAttributes": {
        1: ("namespace", "str"),
        2: ("verb", "str"),
        3: ("group", "str"),
        4: ("version", "str"),
        5: ("resource", "str"),
        6: ("subresource", "str"),
        7: ("name", "str"),
    },
    "NonResourceAttributes": {1: ("path", "str"), 2: ("verb", "str")},
    "SelfSubjectRulesReview": {1: ("metadata", "ObjectMeta"), 2: ("spec", "SelfSubjectRulesReviewSpec")},
    "SelfSubjectRulesReviewSpec": {1: ("namespace", "str")},
    "SelfSubjectReview": {1: ("metadata", "ObjectMeta")},
    "DeleteOptions": {
        1: ("gracePeriodSeconds", "int"),
        2: ("preconditions", "Preconditions"),
        4: ("propagationPolicy", "str"),
        5: ("dryRun", "*str"),
    },
    "Preconditions": {1: ("uid", "str"), 2: ("resourceVersion", "str")},
}

_WHOLE = {"JobSpec", "PodSpec", "Container"}
"""Of these `kubectl create job` sets the fields of the table alone; who sets more is to send JSON, and lose nothing."""

_Bytes = bytes | memoryview


def decode_protobuf(body: bytes) -> Object:
    """Return the object in an envelope; BadRequest for what is none, and for kinds that nobody sends so."""
    try:
        if not body.startswith(_MAGIC):
            raise ValueError  # noqa: TRY301 # told as every other broken body is
        envelope = _message(memoryview(body)[len(_MAGIC) :], "Unknown")
        named = envelope["typeMeta"]
        found: Object = {**named, "metadata": {}, **_message(envelope.get("raw", b""), named["kind"])}
    except (ValueError, KeyError, IndexError, UnicodeDecodeError):
        message = "the body is not a protobuf message of a kind that is taken so; send JSON"
        raise bad_request(message) from None
    return found


def _message(data: _Bytes | int, kind: str) -> Object:
    """Return a message. Fields that the table does not have, and those that are empty, are left out."""
    fields = _MESSAGES[kind]
    found: Object = {}
    for number, value in _fields(data):
        if number not in fields:
            if kind in _WHOLE and value:
                raise ValueError
            continue
        name, type_ = fields[number]
        if type_.startswith("map "):
            entry = dict(_fields(value))
            found.setdefault(name, {})[_scalar(entry.get(1, b""), "str")] = _scalar(entry.get(2, b""), type_[4:])
        elif type_.startswith("*"):
            found.setdefault(name, []).append(_value(value, type_[1:]))
        elif (decoded := _value(value, type_)) not in ("", {}):
            found[name] = decoded
    return found


def _value(value: Any, type_: str) -> Any:
    return _message(value, type_) if type_ in _MESSAGES else _scalar(value, type_)


def _scalar(value: _Bytes | int, type_: str) -> Any:
    if isinstance(value, int):
        if type_ not in {"bool", "int"}:  # a number would become as many zeros
            raise ValueError
        return bool(value) if type_ == "bool" else value
    match type_:
        case "str":
            return bytes(value).decode()
        case "bytes":
            return base64.b64encode(value).decode()
        case "raw":
            return value
    raise ValueError


def _fields(message: _Bytes | int) -> Iterator[tuple[int, Any]]:
    if isinstance(message, int):
        raise ValueError  # noqa: TRY004 # told as every other broken body is
    data, position = memoryview(message), 0
    while position < len(data):
        tag, position = _varint(data, position)
        wire = tag & 7
        if wire == _VARINT:
            value, position = _varint(data, position)
            yield tag >> 3, value
            continue
        length, position = _varint(data, position) if wire == _BYTES else ({_FIXED64: 8, _FIXED32: 4}[wire], position)
        if position + length > len(data):
            raise ValueError
        yield tag >> 3, data[position : position + length]
        position += length


def _varint(data: memoryview, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(_LONGEST_VARINT):
        byte = data[position + shift]
        value |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return value, position + shift + 1
    raise ValueError
