"""What was asked in this process, until the run is judged; Locust's workers hand theirs to the master."""

from typing import Any

from loadtests.asked import Asked, taken


class Recorder:
    """Collects requests as they end."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []

    def add(self, one: Asked) -> None:
        """Take one."""
        self.asked.append(one)

    def give(self, data: dict[str, Any]) -> None:
        """Put into a worker's report what has come since the last one."""
        data["asked"], self.asked = self.asked, []

    def take(self, data: dict[str, Any]) -> None:
        """Add what a worker reports."""
        self.asked += taken(data.get("asked", []))
