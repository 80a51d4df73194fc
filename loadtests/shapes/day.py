"""A working day, an hour in ten seconds: nobody at night, a morning that climbs, a dip at noon, an evening."""

from loadtests.shapes.staged import StagedShape
from loadtests.stages import Stage

HOUR_SECONDS = 10
USERS = (0, 0, 0, 0, 0, 1, 2, 6, 12, 18, 20, 18, 10, 16, 20, 18, 14, 10, 6, 4, 3, 2, 0, 0)  # from midnight on


class Day(StagedShape):
    """Twenty-four hours, one after the other."""

    stages = tuple(Stage(hour * HOUR_SECONDS, HOUR_SECONDS, users) for hour, users in enumerate(USERS))
