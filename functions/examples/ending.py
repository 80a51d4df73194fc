"""How what starts a server ends: a closed window or a SIGTERM is a Ctrl-C, so that the server ends with it."""

import signal
import sys
from collections.abc import Callable
from typing import NoReturn

INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def take_any_end_as_ctrl_c() -> None:
    """Raise KeyboardInterrupt in the main thread for SIGHUP and SIGTERM, as for SIGINT."""
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def run_to_an_end(main: Callable[[], int | None]) -> NoReturn:
    """Exit with what a program's main returns, or as interrupted, without a trace, when it is."""
    take_any_end_as_ctrl_c()
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
