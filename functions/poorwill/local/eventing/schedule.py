"""When a PingSource's schedule comes next: github.com/robfig/cron/v3's spec.go on values."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from poorwill.kinds.cron import Cron

_YEARS = 5
"""A schedule that does not come within these, such as 30 February's, never comes."""

_HOUR, _MINUTE, _SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


def next_after(cron: Cron, moment: datetime) -> datetime | None:
    """Return the first time after a moment, in UTC; None where there is none.

    Hours are counted as they pass: one that a clock change skips is left out, one that it repeats comes twice.
    """
    found = moment.astimezone(UTC).replace(microsecond=0) + _SECOND
    last = found.year + _YEARS
    while found.year <= last:
        local = found.astimezone(cron.zone)
        if local.month not in cron.months:
            next_month = local.replace(day=1) + timedelta(days=32)
            found = _midnight(next_month.replace(day=1), cron.zone)
        elif not _is_day(cron, local):
            found = _midnight(local + timedelta(days=1), cron.zone)
        elif local.hour not in cron.hours:
            found += _HOUR - timedelta(minutes=local.minute, seconds=local.second)
        elif local.minute not in cron.minutes:
            found += _MINUTE - timedelta(seconds=local.second)
        elif local.second not in cron.seconds:
            found += _SECOND
        else:
            return found
    return None


def _is_day(cron: Cron, local: datetime) -> bool:
    day, weekday = local.day in cron.days, local.isoweekday() % 7 in cron.weekdays
    return (day and weekday) if cron.any_day or cron.any_weekday else (day or weekday)


def _midnight(local: datetime, zone: ZoneInfo | None) -> datetime:
    midnight = datetime(local.year, local.month, local.day)  # noqa: DTZ001 - its zone comes next
    return (midnight.replace(tzinfo=zone) if zone else midnight.astimezone()).astimezone(UTC)
