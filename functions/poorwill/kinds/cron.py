"""Times in crontab's form, as PingSource has them: github.com/robfig/cron/v3 with an optional field for seconds."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DESCRIPTORS = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_ZONES = ("TZ=", "CRON_TZ=")


class ZoneError(ValueError):
    """There is no time zone of that name."""


class Cron(NamedTuple):
    """At which seconds, minutes and so on something happens."""

    seconds: frozenset[int]
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # 0 is Sunday
    any_day: bool  # with a star in one of the two both have to fit, without one either is enough
    any_weekday: bool
    zone: ZoneInfo | None  # None: the machine's


class _Bounds(NamedTuple):
    low: int
    high: int
    names: tuple[str, ...] = ()


_FIELDS = (
    _Bounds(0, 59),
    _Bounds(0, 59),
    _Bounds(0, 23),
    _Bounds(1, 31),
    _Bounds(1, 12, _MONTHS),
    _Bounds(0, 6, _WEEKDAYS),
)


def parse(schedule: str, timezone: str = "") -> Cron:
    """Return a schedule of PingSource; ZoneError for an unknown zone, ValueError for all else that is refused."""
    text = f"CRON_TZ={timezone} {schedule}" if timezone else schedule
    zone = None
    if text.startswith(_ZONES):
        name, blank, text = text.partition(" ")
        if not blank:
            raise ValueError("a time zone and no schedule")
        zone, text = _zone(name.partition("=")[2]), text.strip()
    if text.startswith("@"):
        text = _DESCRIPTORS.get(text, "")
    fields = text.split()
    if len(fields) == len(_FIELDS) - 1:
        fields.insert(0, "0")
    if len(fields) != len(_FIELDS):
        raise ValueError("not 5 or 6 fields")
    second, minute, hour, day, month, weekday = map(_field, fields, _FIELDS)
    values = (second[0], minute[0], hour[0], day[0], month[0], weekday[0])
    return Cron(*values, any_day=day[1], any_weekday=weekday[1], zone=zone)


def _zone(name: str) -> ZoneInfo | None:
    if name == "Local":
        return None
    try:
        return ZoneInfo(name or "UTC")
    except (ValueError, OSError, KeyError) as error:
        raise ZoneError("no such time zone") from error


def _field(text: str, bounds: _Bounds) -> tuple[frozenset[int], bool]:
    """Return the values of one field, and whether a star is among its ranges."""
    ranges = [_range(part, bounds) for part in text.split(",") if part]
    return frozenset().union(*(values for values, _ in ranges)), any(star for _, star in ranges)


def _range(text: str, bounds: _Bounds) -> tuple[range, bool]:
    span, slash, step_text = text.partition("/")
    first, *last = span.split("-")
    step = _number(step_text, ()) if slash else 1
    star = first in {"*", "?"}
    if star:
        low, high = bounds.low, bounds.high
    elif len(last) > 1:
        raise ValueError("more than one hyphen")
    else:
        low = _number(first, bounds.names, bounds.low)
        # a number with a step goes on to the end
        high = _number(last[0], bounds.names, bounds.low) if last else (bounds.high if slash else low)
    if not bounds.low <= low <= high <= bounds.high or step < 1:
        raise ValueError("a range out of its bounds")
    return range(low, high + 1, step), star and step == 1


def _number(text: str, names: tuple[str, ...], first: int = 0) -> int:
    if text.lower() in names:
        return names.index(text.lower()) + first
    digits = text.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("not a number")
    return int(digits)
