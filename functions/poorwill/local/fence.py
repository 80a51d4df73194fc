"""Keeps a failure where it happened: what fails of one revision, pod or file never ends the others' work."""

import logging
import traceback
from collections.abc import Hashable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

_logger = logging.getLogger(__name__)


class Fence:
    """Stands around a part's work on each of many things.

    Args:
        work: what is done, as the log calls it.
        errors: which failures are kept; all others pass.
    """

    def __init__(self, work: str, errors: type[Exception] = Exception) -> None:
        self._work = work
        self._errors = errors
        self._told: dict[Hashable, str] = {}

    def around(self, thing: Hashable) -> "Fenced":
        """Keep a failure of this block; it is logged once, by type and place, until the block has succeeded again."""
        return Fenced(self, thing)

    def take(self, thing: Hashable, error: BaseException | None) -> bool:
        """Take note of how a block ended, and return whether that is kept here."""
        if error is None:
            self._told.pop(thing, None)
        if not isinstance(error, self._errors):
            return False
        words = f"{type(error).__name__} at {where(error)}"  # what it says may hold values: those are not for a log
        if self._told.get(thing) != words:
            self._told[thing] = words
            _logger.error("%s failed: %s", self._work, words)
        return True


class Fenced(NamedTuple):
    """A block that a fence stands around."""

    fence: Fence
    thing: Hashable

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> bool:
        """Keep a failure of the kind that the fence keeps."""
        return self.fence.take(self.thing, error)


def where(error: BaseException) -> str:
    """Return the files and lines that an error came through, and nothing of what it says."""
    return " ".join(
        f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)
    )
