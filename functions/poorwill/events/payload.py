"""An event's data in the JSON format: a JSON value, a text, or base64 (JSON format, 3.1)."""

import binascii
import re
from typing import Any

import msgspec

from poorwill.errors import Fault
from poorwill.events.event import Event

JSON = "application/json"

_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s;"]*)', re.IGNORECASE)
_CODECS = {"utf-8": "utf-8", "us-ascii": "ascii", "iso-8859-1": "latin-1"}


def is_json(content_type: str) -> bool:
    """Return whether a content type declares JSON: a subtype of json, or one that ends with +json."""
    return _media_type(content_type).endswith(("/json", "+json"))


def read(members: dict[str, msgspec.Raw], content_type: Any, where: str, faults: list[Fault]) -> bytes | None:
    """Return the bytes of the members `data` or `data_base64`; what is wrong goes to `faults`."""
    raw, packed = members.get("data"), members.get("data_base64")
    if raw is not None and packed is not None:
        faults.append(Fault(where + "data", "data or data_base64", "both", "leave one of them out"))
    elif packed is not None:
        return _unpacked(packed, where, faults)
    elif raw is not None and isinstance(content_type, str):
        return bytes(raw) if is_json(content_type) else _encoded(raw, content_type, where, faults)
    return None


def write(event: Event) -> dict[str, Any]:
    """Return the member that holds the event's data: as value or text where its content type says so."""
    data, content_type = event.data, event.datacontenttype
    if not data:
        return {}
    if content_type is not None and is_json(content_type):
        if _codec(content_type) == "utf-8" and _is_json_text(data):
            return {"data": msgspec.Raw(data)}
    elif content_type is not None and _is_text(content_type):
        try:
            return {"data": data.decode(_codec(content_type) or "")}
        except (LookupError, UnicodeDecodeError):
            pass
    return {"data_base64": binascii.b2a_base64(data, newline=False).decode()}


def _unpacked(packed: msgspec.Raw, where: str, faults: list[Fault]) -> bytes | None:
    try:
        text = msgspec.json.decode(packed, type=str | None)
        return None if text is None else binascii.a2b_base64(text, strict_mode=True)
    except (msgspec.MsgspecError, ValueError):  # a2b_base64 raises ValueError for what isn't ASCII
        faults.append(Fault(where + "data_base64", "base64 (RFC 4648)", "something else", "encode the bytes"))
    return None


def _encoded(raw: msgspec.Raw, content_type: str, where: str, faults: list[Fault]) -> bytes | None:
    codec = _codec(content_type)
    if codec is None:
        wanted = "a charset of " + ", ".join(_CODECS)
        faults.append(Fault(where + "datacontenttype", wanted, "another", "send such data as data_base64"))
        return None
    try:
        text = msgspec.json.decode(raw, type=str | None)
        return None if text is None else text.encode(codec)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
        wanted = f"a string that {codec} can hold, as the datacontenttype isn't JSON"
        faults.append(Fault(where + "data", wanted, "something else", "send a string, or data_base64"))
    return None


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _is_text(content_type: str) -> bool:
    media_type = _media_type(content_type)
    return media_type.startswith("text/") or media_type.endswith(("/xml", "+xml"))


def _codec(content_type: str) -> str | None:
    match = _CHARSET.search(content_type)
    return "utf-8" if match is None else _CODECS.get(match[1].lower())


def _is_json_text(data: bytes) -> bool:
    try:
        data.decode()
        msgspec.json.decode(data, type=msgspec.Raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True
