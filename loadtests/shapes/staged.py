"""What all shapes are made of: Locust's own class, led by stages."""

from collections.abc import Sequence
from typing import ClassVar

from locust import LoadTestShape

from loadtests.stages import Stage, users_at

AT_ONCE = 100  # users that one worker begins in a second, which is as good as at once


class StagedShape(LoadTestShape):
    """Follows its stages, stretched by --stretch and with --scale times the users."""

    abstract = True
    stages: ClassVar[Sequence[Stage]] = ()

    @property
    def stretch_ratio(self) -> float:
        """Return how much longer everything takes than the stages say."""
        return float(self.runner.environment.parsed_options.stretch)

    def tick(self) -> tuple[int, float] | None:
        """Return users and how many of them begin in a second; None ends the run."""
        users = users_at(self.stages, self.get_run_time(), self.stretch_ratio)
        scale_ratio = float(self.runner.environment.parsed_options.scale)
        return None if users is None else (round(users * scale_ratio), AT_ONCE)
