"""A working day, an hour in ten seconds: nobody at night, a morning that climbs, a dip at noon, an evening."""

from loadtests.shapes.staged import StagedShape
from loadtests.stages import Stage
from loadtests.working_day import HOURS

HOUR_SECONDS = 10


class Day(StagedShape):
    """Twenty-four hours, one after the other."""

    stages = tuple(Stage(hour * HOUR_SECONDS, HOUR_SECONDS, users) for hour, users in enumerate(HOURS))
