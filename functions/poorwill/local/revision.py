"""What control, scaling, pods and path say to each other about one revision."""

from typing import NamedTuple


class RevisionKey(NamedTuple):
    """Which revision."""

    namespace: str
    name: str


class Endpoint(NamedTuple):
    """Where a ready pod takes requests."""

    host: str
    port: int


class Failure(NamedTuple):
    """Why no pod gets ready, in the words that Knative puts into a condition of the revision."""

    reason: str
    """ContainerMissing, ExitCode<n>, CreateContainerConfigError, ProgressDeadlineExceeded."""
    message: str
    condition: str = "ContainerHealthy"
    """ContainerHealthy or ResourcesAvailable: the one that is False."""


class RevisionState(NamedTuple):
    """What of a revision runs now."""

    desired: int
    ready: tuple[Endpoint, ...] = ()
    starting: int = 0
    """Pods that are wanted and not ready: before their first readiness, or after a crash."""
    failure: Failure | None = None
