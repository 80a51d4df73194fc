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

Judge = Callable[[Event], Verdict]
"""A filter, ready for events."""

_REQUIRED = frozenset({"id", "source", "type", "specversion"})
_OPTIONAL = {name: name for name in ("subject", "dataschema", "datacontenttype")} | {"schemaurl": "dataschema"}
_COMPARE: dict[type, Callable[[str, str], bool]] = {
    Attributes: lambda text, value: text == value if value else text != "",
    Exact: str.__eq__,
    Prefix: str.startswith,
    Suffix: str.endswith,
}
_OPPOSITE = {Verdict.PASS: Verdict.FAIL, Verdict.FAIL: Verdict.PASS, Verdict.NONE: Verdict.NONE}
_UNSET_TIME = "0001-01-01T00:00:00Z"  # Go's zero time, which Knative compares with where an event has none
_NANOSECOND_DIGITS = 9


def passes(wanted: Filter, event: Event) -> bool:
    """Return whether an event goes to who has this filter."""
    return judge(wanted)(event) is not Verdict.FAIL


def judge(wanted: Filter) -> Judge:
    """Return what gives a filter's verdict on events: it is asked for every event, so what can be known is known."""
    match wanted:
        case Attributes(values) | Exact(values) | Prefix(values) | Suffix(values):
            return _each(values, _COMPARE[type(wanted)])
        case All(filters):
            return _joined(filters, Verdict.FAIL)
        case Any(filters):
            return _joined(filters, Verdict.PASS)
        case Not(inner):
            judge_inner = _joined((), Verdict.FAIL) if inner is None or _is_void(inner) else judge(inner)
            return lambda event: _OPPOSITE[judge_inner(event)]


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


def _each(values: Mapping[str, str], compare: Callable[[str, str], bool]) -> Judge:
    wanted = tuple(values.items())

    def judge_event(event: Event) -> Verdict:
        for name, value in wanted:
            text = attribute(event, name)
            if text is None or not compare(text, value):
                return Verdict.FAIL
        return Verdict.PASS

    return judge_event


def _joined(filters: tuple[Filter, ...], decisive: Verdict) -> Judge:
    """Return what gives the first verdict that decides, else the last one."""
    judges = [judge(one) for one in filters if not _is_void(one)]
    if len(judges) == 1:
        return judges[0]

    def judge_event(event: Event) -> Verdict:
        verdict = Verdict.NONE
        for one in judges:
            verdict = one(event)
            if verdict is decisive:
                break
        return verdict

    return judge_event


def _is_void(one: Filter) -> bool:
    """Return whether Knative takes a filter for one that it can't read, and skips it."""
    if isinstance(one, Exact | Prefix | Suffix):
        return not one.values or not all(one.values.values())
    return isinstance(one, All | Any) and not one.filters


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
