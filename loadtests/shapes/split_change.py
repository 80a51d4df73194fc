"""A model's traffic moves between two versions in the middle of the load: what is answered meanwhile, and by whom."""

from typing import ClassVar

from loadtests import session
from loadtests.shapes.staged import StagedShape
from loadtests.stages import Stage


class SplitChange(StagedShape):
    """Eight users; at the start, after 20 and after 40 seconds the Route gets another split."""

    stages = (Stage(0, 20, 8), Stage(20, 20, 8), Stage(40, 20, 8))
    percents: ClassVar[tuple[tuple[int, int], ...]] = ((90, 10), (50, 50), (10, 90))  # older, newer version
    _begun = 0

    def tick(self) -> tuple[int, float] | None:
        """Return users as the stages say, and have the split changed where a stage begins."""
        seconds = self.get_run_time() / self.stretch_ratio
        if self._begun < len(self.stages) and seconds >= self.stages[self._begun].start_seconds:
            versions = self.runner.environment.parsed_options.versions.split(",")
            session.change_split(versions, self.percents[self._begun])
            self._begun += 1
        return super().tick()
