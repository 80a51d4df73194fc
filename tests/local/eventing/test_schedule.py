"""A schedule's next time is the one that robfig/cron's own test vectors give."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from poorwill.kinds.cron import parse
from poorwill.local.eventing.schedule import next_after

NEW_YORK, SAO_PAULO = "America/New_York", "America/Sao_Paulo"

# https://github.com/robfig/cron/blob/v3/spec_test.go
VECTORS = [
    ("2012-07-09T14:45", "0 0/15 * * * *", "2012-07-09T15:00"),
    ("2012-07-09T14:59:59", "0 0/15 * * * *", "2012-07-09T15:00"),
    ("2012-07-09T15:45", "0 20-35/15 * * * *", "2012-07-09T16:20"),
    ("2012-07-09T23:46", "0 */15 * * * *", "2012-07-10T00:00"),
    ("2012-07-09T23:45", "0 20-35/15 * * * *", "2012-07-10T00:20"),
    ("2012-07-09T23:35:51", "15/35 20-35/15 * * * *", "2012-07-10T00:20:15"),
    ("2012-07-09T23:35:51", "15/35 20-35/15 1/2 * * *", "2012-07-10T01:20:15"),
    ("2012-07-09T23:35:51", "15/35 20-35/15 10-12 * * *", "2012-07-10T10:20:15"),
    ("2012-07-09T23:35:51", "15/35 20-35/15 1/2 */2 * *", "2012-07-11T01:20:15"),
    ("2012-07-09T23:35:51", "15/35 20-35/15 * 9-20 Jul *", "2012-07-10T00:20:15"),
    ("2012-07-09T23:35", "0 0 0 9 Apr-Oct ?", "2012-08-09T00:00"),
    ("2012-07-09T23:35", "0 0 0 */5 Apr,Aug,Oct Mon", "2012-08-01T00:00"),
    ("2012-07-09T23:35", "0 0 0 */5 Oct Mon", "2012-10-01T00:00"),
    ("2012-07-09T23:35", "0 0 0 * Feb Mon", "2013-02-04T00:00"),
    ("2012-07-09T23:35", "0 0 0 29 Feb ?", "2016-02-29T00:00"),
    ("2012-07-09T23:35", "* * * * *", "2012-07-09T23:36"),
    ("2012-07-09T23:35", "@hourly", "2012-07-10T00:00"),
]
ZONED = [
    # an hour that the clock skips, and those around it
    (NEW_YORK, "2012-03-11T00:00-05:00", "0 0 * * * ?", "2012-03-11T01:00-05:00"),
    (NEW_YORK, "2012-03-11T01:00-05:00", "0 0 * * * ?", "2012-03-11T03:00-04:00"),
    (NEW_YORK, "2012-03-11T00:00-05:00", "0 30 2 11 Mar ?", "2013-03-11T02:30-04:00"),
    # one that it repeats
    (NEW_YORK, "2012-11-04T00:00-04:00", "0 30 2 04 Nov ?", "2012-11-04T02:30-05:00"),
    (NEW_YORK, "2012-11-04T00:00-04:00", "0 0 1 * * ?", "2012-11-04T01:00-04:00"),
    (NEW_YORK, "2012-11-04T01:00-04:00", "0 0 1 * * ?", "2012-11-04T01:00-05:00"),
    (NEW_YORK, "2012-11-04T01:00-05:00", "0 0 1 * * ?", "2012-11-05T01:00-05:00"),
    # a midnight that there is not
    (SAO_PAULO, "2018-11-03T00:30-03:00", "0 0 9 10 * ?", "2018-11-10T09:00-02:00"),
]


@pytest.mark.parametrize(("moment", "schedule", "expected"), VECTORS)
def test_the_next_time_is_robfigs(moment, schedule, expected):
    utc = ZoneInfo("UTC")

    found = next_after(parse(schedule, "UTC"), datetime.fromisoformat(moment).replace(tzinfo=utc))

    assert found == datetime.fromisoformat(expected).replace(tzinfo=utc)


@pytest.mark.parametrize(("zone", "moment", "schedule", "expected"), ZONED)
def test_a_zones_clock_changes_are_followed(zone, moment, schedule, expected):
    assert next_after(parse(schedule, zone), datetime.fromisoformat(moment)) == datetime.fromisoformat(expected)


@pytest.mark.parametrize("schedule", ["0 0 30 Feb ?", "0 0 31 Apr ?"])
def test_a_day_that_no_year_has_never_comes(schedule):
    assert next_after(parse(schedule, "UTC"), datetime.fromisoformat("2012-07-09T23:35+00:00")) is None
