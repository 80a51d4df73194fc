"""Nobody, then everybody at the same moment: what it costs to wake a model for a crowd."""

from loadtests.shapes.staged import StagedShape
from loadtests.stages import Stage


class Spike(StagedShape):
    """Sixty users at once on a model that sleeps, for half a minute, and a few who stay."""

    stages = (Stage(0, 4, 0), Stage(4, 30, 60), Stage(34, 26, 4))
