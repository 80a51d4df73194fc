"""Crontab's form as github.com/robfig/cron/v3 reads it."""

from zoneinfo import ZoneInfo

import pytest

from poorwill.kinds import cron

EVERY_MINUTE, EVERY_HOUR = frozenset(range(60)), frozenset(range(24))
DAYS, MONTHS, WEEKDAYS = frozenset(range(1, 32)), frozenset(range(1, 13)), frozenset(range(7))


def test_five_fields_are_minutes_and_on_and_six_begin_with_seconds():
    read = cron.parse("5 * * * *")

    assert (read.seconds, read.minutes, read.hours) == (frozenset({0}), frozenset({5}), EVERY_HOUR)
    assert cron.parse("*/20 5 * * * *") == read._replace(seconds=frozenset({0, 20, 40}))


@pytest.mark.parametrize(
    ("field", "minutes"),
    [
        ("*", EVERY_MINUTE),
        ("?", EVERY_MINUTE),
        ("*-5", EVERY_MINUTE),
        ("7", {7}),
        ("+7", {7}),
        ("007", {7}),
        ("50/4", {50, 54, 58}),
        ("1-9/4,30,,31", {1, 5, 9, 30, 31}),
        (",", set()),
    ],
)
def test_a_field_is_a_list_of_ranges(field, minutes):
    assert cron.parse(f"{field} * * * *").minutes == minutes


def test_months_and_weekdays_have_names_in_any_case():
    read = cron.parse("0 0 1 JAN-mar,Dec mon,FRI")

    assert (read.months, read.weekdays) == ({1, 2, 3, 12}, {1, 5})


@pytest.mark.parametrize(
    ("schedule", "any_day", "any_weekday"),
    [
        ("0 0 * * *", True, True),
        ("0 0 1 * ?", False, True),
        ("0 0 */1 * 1", True, False),
        ("0 0 */2 * 1", False, False),
        ("0 0 2,* * 1", True, False),
    ],
)
def test_a_star_is_remembered_for_how_days_and_weekdays_join(schedule, any_day, any_weekday):
    read = cron.parse(schedule)

    assert (read.any_day, read.any_weekday) == (any_day, any_weekday)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("@yearly", "0 0 0 1 1 *"),
        ("@annually", "0 0 0 1 1 *"),
        ("@monthly", "0 0 0 1 * *"),
        ("@weekly", "0 0 0 * * 0"),
        ("@daily", "0 0 0 * * *"),
        ("@midnight", "0 0 0 * * *"),
        ("@hourly", "0 0 * * * *"),
    ],
)
def test_a_descriptor_stands_for_fields(name, fields):
    assert cron.parse(name) == cron.parse(fields)


@pytest.mark.parametrize(
    ("schedule", "timezone", "zone"),
    [
        ("* * * * *", "", None),
        ("* * * * *", "Local", None),
        ("* * * * *", "Europe/Berlin", ZoneInfo("Europe/Berlin")),
        ("TZ=Europe/Berlin @daily", "", ZoneInfo("Europe/Berlin")),
        ("CRON_TZ=  * * * * *", "", ZoneInfo("UTC")),
    ],
)
def test_a_zone_is_beside_the_schedule_or_before_it(schedule, timezone, zone):
    assert cron.parse(schedule, timezone).zone == zone


@pytest.mark.parametrize("name", ["Mars/Olympus", "../UTC", "/etc/localtime", "Europe"])
def test_an_unknown_zone_is_told_as_that(name):
    with pytest.raises(cron.ZoneError):
        cron.parse("* * * * *", name)


@pytest.mark.parametrize(
    "schedule",
    [
        "",
        "* * * *",
        "* * * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * * 7",
        "5-1 * * * *",
        "1-2-3 * * * *",
        "1/2/3 * * * *",
        "*/0 * * * *",
        "-1 * * * *",
        "x * * * *",
        "\u0663 * * * *",
        "* * * * L",
        "@often",
        "@hourly ",
        " @hourly",
        "TZ=UTC",
    ],
)
def test_what_is_no_schedule_is_refused(schedule):
    with pytest.raises(ValueError):  # noqa: PT011 - callers tell zones from all else by the type
        cron.parse(schedule)
