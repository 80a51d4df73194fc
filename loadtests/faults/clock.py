"""Runs Poorwill's commands with a wall clock that another process can set: SIGUSR1 has it read how wrong it is to be.

python -m loadtests.faults.clock up ...
"""

import datetime as dt
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any, Self

OFFSET_FILE = "FAULTS_CLOCK_OFFSET"
"""The variable that names the file with the offset in seconds."""

_true_time = time.time
_offset_seconds = 0.0


class _Wrong(dt.datetime):
    """The datetime that all which is imported later finds."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Self:
        return cls.fromtimestamp(_time(), tz)


def _time() -> float:
    return _true_time() + _offset_seconds


def _read(*_: Any) -> None:
    global _offset_seconds  # noqa: PLW0603 - there is one clock
    _offset_seconds = float(Path(os.environ[OFFSET_FILE]).read_text())


def main() -> None:
    """Put the clock in the place of Python's own, and run the command."""
    signal.signal(signal.SIGUSR1, _read)
    time.time = _time
    dt.datetime = _Wrong  # type: ignore[misc]
    from poorwill.cli.main import main as command

    sys.exit(command())


if __name__ == "__main__":
    main()
