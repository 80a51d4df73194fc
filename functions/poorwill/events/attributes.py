"""The rules for an event's attributes; the one way from foreign attributes to an Event.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from poorwill.errors import Fault
from poorwill.events.event import Attribute, Event

_REQUIRED = frozenset({"specversion", "id", "source", "type"})
_NAME = re.compile(r"[a-z0-9]+")
# control characters, surrogates and noncharacters, which the type String forbids
_FORBIDDEN = (
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
    + "]"
)
# RFC 3986, appendix A, with the authority taken whole
_PCHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_REST = rf"(?://(?:{_PCHAR}|[\[\]])*(?=[/?#]|$))?(?:{_PCHAR}|/)*(?:\?(?:{_PCHAR}|[/?])*)?(?:#(?:{_PCHAR}|[/?])*)?"
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*:"
_URI = _SCHEME + _REST
_URI_REFERENCE = rf"(?=.)(?:{_SCHEME}|(?![^/?#]*:)){_REST}"
_TIME = (
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)"
    r"(?:\.[0-9]+)?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_WORD = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
# possessive, as spaces between semicolons could else be divided in exponentially many ways
_MEDIA_TYPE = rf'{_WORD}/{_WORD}(?: *+; *+(?:{_WORD}=(?:{_WORD}|"(?:[ !#-\[\]-~]|\\[ -~])*+"))?+)*+ *'


class _Rule(NamedTuple):
    """What an attribute must be, and in words."""

    fits: Callable[[str], object]
    wanted: str
    next: str


@cache
def _pattern(source: str) -> re.Pattern[str]:
    """Return a pattern compiled when first used: all of them would be a millisecond of a predictor's cold start."""
    return re.compile(source)


def is_allowed(text: str) -> bool:
    """Return whether a text has only characters that the type String allows."""
    return (text.isascii() and text.isprintable()) or _pattern(_FORBIDDEN).search(text) is None


def is_uri_reference(text: str) -> bool:
    """Return whether a text is a URI-reference (RFC 3986), and not empty."""
    return _pattern(_URI_REFERENCE).fullmatch(text) is not None


def _is_text(text: str) -> bool:
    return text != "" and is_allowed(text)


def _is_uri(text: str) -> bool:
    return _pattern(_URI).fullmatch(text) is not None


def _is_media_type(text: str) -> bool:
    return _pattern(_MEDIA_TYPE).fullmatch(text) is not None


def _is_time(text: str) -> bool:
    if _pattern(_TIME).fullmatch(text) is None:
        return False
    try:
        return text[8:10] <= "28" or bool(date(int(text[:4]), int(text[5:7]), int(text[8:10])))
    except ValueError:  # the 31st of a shorter month
        return False


_TEXT = "a string that isn't empty, without control characters"
_RULES = {
    "specversion": _Rule("1.0".__eq__, "'1.0'", "send the event as CloudEvents 1.0"),
    "id": _Rule(_is_text, _TEXT, "send an id that is unique for the source"),
    "source": _Rule(is_uri_reference, "a URI-reference (RFC 3986)", "send the producer's URI, encoded"),
    "type": _Rule(_is_text, _TEXT, "send the type of the event"),
    "subject": _Rule(_is_text, _TEXT, "leave it out or send a subject"),
    "time": _Rule(_is_time, "a time of RFC 3339, such as 2026-01-31T09:30:00Z", "leave it out or send a full time"),
    "datacontenttype": _Rule(_is_media_type, "a media type (RFC 2046)", "leave it out or send the data's type"),
    "dataschema": _Rule(_is_uri, "a URI with its scheme (RFC 3986)", "leave it out or send the schema's URI"),
}


NAMES = frozenset(_RULES)
"""All attributes but extensions."""


def build(attributes: Mapping[str, Any], data: bytes | None, where: str, faults: list[Fault]) -> Event | None:
    """Return the event of these attributes, or None after adding every fault to `faults`.

    Args:
        attributes: values by name; None is as if left out.
        data: the payload.
        where: prefix for the names in faults, "ce-" or "events[3].".
        faults: takes what is wrong; no value and no foreign name is quoted.
    """
    known: dict[str, Any] = {}
    extensions: dict[str, Attribute] = {}
    before = len(faults)
    for name, value in attributes.items():
        if value is None:
            continue
        rule = _RULES.get(name)
        if rule is None:
            extensions[name] = value
            if type(value) is not str or not is_allowed(value) or not _NAME.fullmatch(name) or name == "data":
                faults += _extension_faults(name, value, where)
        elif type(value) is str and rule.fits(value):
            known[name] = value
        else:
            faults.append(Fault(where + name, rule.wanted, _found(value), rule.next))
    if not known.keys() >= _REQUIRED:
        faults += _missing(attributes, where)
    if len(faults) > before:
        return None
    del known["specversion"]
    return Event(**known, extensions=extensions, data=data or None)


def _missing(attributes: Mapping[str, Any], where: str) -> Iterator[Fault]:
    for name, rule in _RULES.items():
        if name in _REQUIRED and attributes.get(name) is None:
            yield Fault(where + name, rule.wanted, "none", rule.next)


def _extension_faults(name: str, value: Any, where: str) -> Iterator[Fault]:
    where += "(extension)"
    if name == "data" or not _NAME.fullmatch(name):
        wanted = "a name of a to z and 0 to 9, not 'data'"
        yield Fault(where, wanted, "another name", "rename the extension attribute")
    if isinstance(value, str):
        fits = is_allowed(value)
    else:
        fits = isinstance(value, bytes | bool) or (isinstance(value, int) and -(2**31) <= value < 2**31)
    if not fits:
        wanted = "a string without control characters, a boolean, or a whole number of 32 bits"
        yield Fault(where, wanted, _found(value), "put other values into the data")


def _found(value: Any) -> str:
    if isinstance(value, str):
        return "an empty string" if value == "" else "another string"
    names = {bool: "a boolean", int: "a number", float: "a number", list: "an array", dict: "an object"}
    return names.get(type(value), "another type")
