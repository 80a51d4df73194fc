"""What callers send: JSON, YAML without aliases, or Kubernetes' protobuf, as plain objects."""

from typing import Any

import msgspec
import yaml

from poorwill.kinds.kind import Object
from poorwill.local.api.protobuf import decode_protobuf
from poorwill.local.api.resources import APPLY, JSON, PROTOBUF, YAML
from poorwill.local.api.status import bad_request, unsupported_media

_TIMESTAMP = "tag:yaml.org,2002:timestamp"


class _Loader(yaml.SafeLoader):
    """YAML as Kubernetes reads it: times are strings, and no alias may make little into much."""

    def compose_node(self, parent: yaml.nodes.Node | None, index: int) -> yaml.nodes.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError
        return super().compose_node(parent, index)


_Loader.add_constructor(_TIMESTAMP, lambda loader, node: loader.construct_scalar(node))  # type: ignore[arg-type]


def decoded(body: bytes, media_type: str) -> Any:
    """Return a body's value; UnsupportedMediaType, or BadRequest with nothing of the body in it."""
    if media_type == PROTOBUF:
        return decode_protobuf(body)
    if media_type in {YAML, APPLY}:
        return _yaml(body)
    if media_type == JSON or media_type.endswith("+json"):
        return _json(body)
    raise unsupported_media(JSON, YAML, PROTOBUF)


def decoded_object(body: bytes, media_type: str) -> Object:
    """Return a body that has to be an object."""
    value = decoded(body, media_type)
    if not isinstance(value, dict) or not isinstance(value.get("metadata", {}), dict | None):
        raise bad_request("the body is no Kubernetes object: wanted apiVersion, kind and metadata")
    return value


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise bad_request("the body can't be read: wanted JSON") from None


def _yaml(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)  # what kubectl and most libraries send as YAML
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        # SafeLoader's subclass makes nothing but plain values
        value = yaml.load(body, Loader=_Loader)  # noqa: S506
        return msgspec.json.decode(msgspec.json.encode(value))  # YAML has keys and values that JSON has not
    except (TypeError, yaml.YAMLError, ValueError, RecursionError):
        raise bad_request("the body can't be read: wanted YAML, one document, without aliases") from None
