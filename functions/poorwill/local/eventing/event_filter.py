"""Which events a Trigger wants: Knative's filters as values, and their verdict on an event.

As coded in knative/eventing 1.22, pkg/eventfilter. A verdict has three values there, and here.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from types import MappingProxyType

import msgspec

from poorwill.events.event import Event, canonical
from poorwill.local.eventing.broker_event import TTL


class Verdict(Enum):
    """What a filter says of an event."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    NONE = "none"  # there is nothing to judge by; at the end that is no objection


class Attributes(msgspec.Struct, frozen=True):
    """All these attributes, exactly; "" stands for any value but an empty one (`spec.filter`)."""

    values: Mapping[str, str] = MappingProxyType({})


class Exact(msgspec.Struct, frozen=True):
    """All these attributes, exactly."""

    values: Mapping[str, str]


class Prefix(msgspec.Struct, frozen=True):
    """Each of these attributes begins so."""

    values: Mapping[str, str]


class Suffix(msgspec.Struct, frozen=True):
    """Each of these attributes ends so."""

    values: Mapping[str, str]


class All(msgspec.Struct, frozen=True):
    """None of these fails."""

    filters: tuple["Filter", ...] = ()


class Any(msgspec.Struct, frozen=True):
    """One of these passes."""

    filters: tuple["Filter", ...]


class Not(msgspec.Struct, frozen=True):
    """The opposite; None is a filter that says nothing."""

    filter: "Filter | None"


Filter = Attributes | Exact | Prefix | Suffix | All | Any | Not
"""A Trigger's filter; an `All` of none lets every event pass, as does an `Attributes` of none."""

EVERYTHING = All()

_REQUIRED = frozenset({"id", "source", "type", "specversion"})
_OPTIONAL = {name: name for name in ("subject", "dataschema", "datacontenttype")} | {"schemaurl": "dataschema"}
_COMPARE: dict[type, Callable[[str, str], bool]] = {Exact: str.__eq__, Prefix: str.startswith, Suffix: str.endswith}
_UNSET_TIME = "0001-01-01T00:00:00Z"  # Go's zero time, which Knative compares with where an event has none
_NANOSECOND_DIGITS = 9


def passes(wanted: Filter, event: Event) -> bool:
    """Return whether an event goes to who has this filter."""
    return judge(wanted, event) is not Verdict.FAIL


def judge(wanted: Filter, event: Event) -> Verdict:
    """Return a filter's verdict on an event."""
    match wanted:
        case Attributes(values):
            fits = all(_is_exact(attribute(event, name), value) for name, value in values.items())
            return Verdict.PASS if fits else Verdict.FAIL
        case All(filters):
            return _joined(filters, event, Verdict.FAIL)
        case Any(filters):
            return _joined(filters, event, Verdict.PASS)
        case Not(inner):
            return _opposite(Verdict.NONE if inner is None or _is_void(inner) else judge(inner, event))
        case Exact(values) | Prefix(values) | Suffix(values):
            compare = _COMPARE[type(wanted)]
            found = ((attribute(event, name), value) for name, value in values.items())
            fits = all(text is not None and compare(text, value) for text, value in found)
            return Verdict.PASS if fits else Verdict.FAIL


def attribute(event: Event, name: str) -> str | None:
    """Return an attribute as Knative's filters see it: an optional one that is not set is an empty text there."""
    if name in _REQUIRED:
        return str(getattr(event, name))
    if name in _OPTIONAL:
        return getattr(event, _OPTIONAL[name]) or ""
    if name == "datamediatype":
        return (event.datacontenttype or "").partition(";")[0].strip().lower()
    if name == "time":
        return _in_go(event.time) if event.time else _UNSET_TIME
    value = None if name == TTL else event.extensions.get(name)  # it is taken out before a filter looks
    if value is None:
        return "" if name == "datacontentencoding" else None
    return canonical(value)


def _joined(filters: tuple[Filter, ...], event: Event, decisive: Verdict) -> Verdict:
    """Return the first verdict that decides, else the last one."""
    verdict = Verdict.NONE
    for one in filters:
        if _is_void(one):
            continue
        verdict = judge(one, event)
        if verdict is decisive:
            break
    return verdict


def _is_void(one: Filter) -> bool:
    """Return whether Knative takes a filter for one that it can't read, and skips it."""
    if isinstance(one, Exact | Prefix | Suffix):
        return not one.values or not all(one.values.values())
    return isinstance(one, All | Any) and not one.filters


def _opposite(verdict: Verdict) -> Verdict:
    return {Verdict.PASS: Verdict.FAIL, Verdict.FAIL: Verdict.PASS, Verdict.NONE: Verdict.NONE}[verdict]


def _is_exact(text: str | None, value: str) -> bool:
    return text is not None and (text == value if value else text != "")


def _in_go(time: str) -> str:
    """Return a time as Go writes it: in UTC, and without zeros at the end of a fraction."""
    seconds, _, rest = time.upper().partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    offset = rest[len(digits) :] or (seconds[-1:] if seconds.endswith("Z") else seconds[-6:])
    try:
        moment = datetime.fromisoformat(seconds.removesuffix(offset) + offset.replace("Z", "+00:00")).astimezone(UTC)
    except (ValueError, OverflowError):  # a leap second, or the last hours of year 9999
        return time
    fraction = digits[:_NANOSECOND_DIGITS].rstrip("0")
    return moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + (f".{fraction}" if fraction else "") + "Z"
