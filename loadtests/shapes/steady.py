"""The same load all the time: what a warm model carries, with its start in the first second."""

from loadtests.shapes.staged import StagedShape
from loadtests.stages import Stage


class Steady(StagedShape):
    """Eight users for a minute."""

    stages = (Stage(0, 60, 8),)
