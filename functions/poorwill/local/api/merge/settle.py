"""What the API server's own types make of an object, before anything is compared or stored."""

from base64 import b64encode
from typing import Any

from poorwill.kinds.kind import SECRET, Object, kind_of
from poorwill.local.api.merge.schema import FREE, Shape, blank, shape_of


def settled(obj: Object) -> Object:
    """Return an object without empty lists and maps, with text for null under free keys; a Knative one's metadata only.

    A Secret's stringData goes into its data. What can be shared with the given object is.
    """
    kind = kind_of(obj)
    shape = shape_of(kind)
    metadata = _filled(obj.get("metadata", {}), shape.field("metadata"), frozenset())
    if kind.custom:
        return {**obj, "metadata": metadata}
    kept = _filled(obj, shape, frozenset(blank(kind)))
    return {**(_with_text(kept) if kind == SECRET else kept), "metadata": metadata}


def _filled(fields: dict[str, Any], shape: Shape, may_be_empty: frozenset[str]) -> dict[str, Any]:
    return {
        name: _without_null(value) if shape.field(name) is FREE else value
        for name, value in fields.items()
        if value not in ({}, [], None) or name in may_be_empty
    }


def _without_null(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: "" if text is None else text for name, text in value.items()}


def _with_text(secret: Object) -> Object:
    text = secret.get("stringData")
    if not isinstance(text, dict) or not all(isinstance(value, str) for value in text.values()):
        return secret  # admission says what is wrong with it
    data = {name: b64encode(value.encode()).decode() for name, value in text.items()}
    return {
        **{name: value for name, value in secret.items() if name != "stringData"},
        "data": {**secret.get("data", {}), **data},
    }
