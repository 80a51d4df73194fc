"""How what starts a server ends: a closed window or a SIGTERM is a Ctrl-C, so that the server ends with it."""

import signal


def take_any_end_as_ctrl_c() -> None:
    """Raise KeyboardInterrupt in the main thread for SIGHUP and SIGTERM, as for SIGINT."""
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
