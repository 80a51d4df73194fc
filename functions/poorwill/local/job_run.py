"""What control and jobs say to each other about one Job."""

from typing import NamedTuple

from poorwill.local.revision import Failure


class JobRun(NamedTuple):
    """What of a Job runs now, and how its pods ended so far."""

    active: int = 0
    ready: int = 0
    succeeded: int = 0
    failed: int = 0
    retries: int = 0
    """Starts after the first of the containers that run: those count, too, where a pod starts them again."""
    missing: str = ""
    """What its next pod waits for."""
    failure: Failure | None = None
    """Why nothing of it may ever run here."""
