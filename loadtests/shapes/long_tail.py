"""Few callers of many models: with users/tail_models.py most models sleep at any moment, and many calls wake one."""

from loadtests.shapes.staged import StagedShape
from loadtests.stages import Stage


class LongTail(StagedShape):
    """Four users, each with a call every four seconds or so, for five minutes."""

    stages = (Stage(0, 300, 4),)
