"""As long as a recorded log of requests is: users/recorded_requests.py sends each at its own moment."""

from loadtests.recorded import read
from loadtests.shapes.staged import StagedShape
from loadtests.stages import Stage, users_at

AFTER_SECONDS = 3.0  # for the last answers


class Replay(StagedShape):
    """One user, who sends them all."""

    def tick(self) -> tuple[int, float] | None:
        """Return one user until the log is over."""
        length_seconds = read(self.runner.environment.parsed_options.recorded)[-1].after_seconds
        stages = (Stage(0, length_seconds * self.stretch_ratio + AFTER_SECONDS, 1),)
        users = users_at(stages, self.get_run_time())
        return None if users is None else (users, 1)
