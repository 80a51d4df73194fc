"""Keeps a failure where it happened: what fails of one revision, pod or file never ends the others' work."""

import logging
import traceback
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path

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

    @contextmanager
    def around(self, thing: Hashable) -> Iterator[None]:
        """Keep a failure of this block; it is logged once, by type and place, until the block has succeeded again."""
        try:
            yield
        except self._errors as error:  # whatever it says may hold values, and those are not for a log
            words = f"{type(error).__name__} at {where(error)}"
            if self._told.get(thing) != words:
                self._told[thing] = words
                _logger.error("%s failed: %s", self._work, words)  # noqa: TRY400 - see above
        else:
            self._told.pop(thing, None)


def where(error: BaseException) -> str:
    """Return the files and lines that an error came through, and nothing of what it says."""
    return " ".join(
        f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)
    )
