"""More and more at once, step by step, and back: where answers become slow, and whether they recover."""

from loadtests.shapes.staged import StagedShape
from loadtests.stages import Stage


class Step(StagedShape):
    """Twice as many users every 20 seconds, then few again."""

    stages = (Stage(0, 20, 4), Stage(20, 20, 8), Stage(40, 20, 16), Stage(60, 20, 32), Stage(80, 20, 4))
