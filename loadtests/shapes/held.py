"""Few users until they are told to go: whoever does harm meanwhile knows when that is over."""

from pathlib import Path

from loadtests.shapes.staged import AT_ONCE, StagedShape

USERS = 8


class Held(StagedShape):
    """Eight users until the file of --until is there."""

    def tick(self) -> tuple[int, float] | None:
        """Return the users, None once the file is there."""
        options = self.runner.environment.parsed_options
        return None if Path(options.until).exists() else (round(USERS * float(options.scale)), AT_ONCE)
