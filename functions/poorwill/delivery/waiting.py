"""The wait until an object is Ready, told while it lasts."""

import time
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from poorwill.delivery.cluster import BEAT_SECONDS, Cluster
from poorwill.kinds.kind import Kind, Object
from poorwill.kinds.objects import condition, observed

Progress = Callable[[str], None]
"""Takes one line for a person who waits."""

TELL_SECONDS = 10.0
"""A wait says at least so often that it goes on."""
_SETTLED_SECONDS = 2.0  # Knative passes through a False that it takes back at once


class End(StrEnum):
    """How a wait ended."""

    READY = "ready"
    FAILED = "failed"
    """It says itself that it is not going to be Ready, or `hopeless` did."""
    LATE = "late"
    GONE = "gone"


class Waited(NamedTuple):
    """The object as it was last seen, and how the wait ended."""

    end: End
    obj: Object | None


class _Wait:
    """What was seen of one object so far; `end` decides on each look, `tell` says what changed."""

    def __init__(self, kind: Kind, name: str, progress: Progress, clock: Callable[[], float]) -> None:
        self._what = f"{kind.kind} {name}"
        self._progress, self._clock = progress, clock
        self._began, self._told_at = clock(), clock()
        self._words = ""
        self._false_since: float | None = None

    @property
    def is_young(self) -> bool:
        """Return whether it has not gone on for a beat yet."""
        return self._clock() - self._began < BEAT_SECONDS

    def end(self, obj: Object | None) -> End | None:
        """Return how it ends with what is seen now; None where it goes on."""
        if obj is None:
            return End.GONE
        found = condition(obj, "Ready") if observed(obj) else None
        if found is None or found.status != "False":
            self._false_since = None
            return End.READY if found and found.status == "True" else None
        if self._false_since is None:
            self._false_since = self._clock()
        return End.FAILED if self._clock() - self._false_since >= _SETTLED_SECONDS else None

    def tell(self, words: str) -> None:
        """Say what is seen, when it is something else than before, and now and then that it goes on."""
        now = self._clock()
        if words == self._words and now - self._told_at < TELL_SECONDS:
            return
        said = f"still so after {now - self._began:.0f} s" if words == self._words else words
        self._words, self._told_at = words, now
        self._progress(f"{self._what}: {said}")


def await_ready(
    cluster: Cluster,
    kind: Kind,
    name: str,
    *,
    timeout_seconds: float,
    progress: Progress,
    hopeless: Callable[[Object], tuple[str, bool]] | None = None,
) -> Waited:
    """Wait until an object's status says Ready of its spec as it now is.

    Args:
        cluster: where it is.
        kind: of the object.
        name: of the object.
        timeout_seconds: at most so long.
        progress: told of each change, and each TELL_SECONDS.
        hopeless: looks closer at each beat but the first; returns words for the progress, and whether it is of no use.
    """
    wait = _Wait(kind, name, progress, time.monotonic)
    obj: Object | None = None
    for obj in cluster.follow(kind, name, timeout_seconds=timeout_seconds):
        end = wait.end(obj)
        if end in {End.READY, End.GONE} or obj is None:
            wait.tell("ready" if end == End.READY else "gone")
            return Waited(end or End.GONE, obj)
        if wait.is_young:  # most are Ready by then, and to ask why not yet would only hold them up
            continue
        words, useless = hopeless(obj) if hopeless and observed(obj) else ("", False)
        wait.tell(words or ready_words(obj))
        if end or useless:
            return Waited(End.FAILED, obj)
    return Waited(End.LATE, obj)


def ready_words(obj: Object) -> str:
    """Return why an object is not Ready, in the cluster's words; "ready" where it is."""
    found = condition(obj, "Ready")
    if found is None or not observed(obj):
        return "not looked at yet"
    if found.status == "True":
        return "ready"
    return ": ".join(filter(None, (found.reason, found.message))) or "on its way"
