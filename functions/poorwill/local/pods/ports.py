"""Free ports for pods, outside the range that the system takes for connections it opens itself."""

import random
import socket

HOST = "127.0.0.1"

# below the ephemeral ranges of Linux (32768 to 60999) and macOS (49152 to 65535): a port that is free when it is
# picked must still be so when the process listens, a third of a second later
_LOWEST, _HIGHEST = 20_000, 32_767
_TRIES = 1000


def free_ports(count: int, taken: set[int]) -> list[int]:
    """Return ports that nobody listens on and that are not among the taken; OSError where there are none."""
    found: list[int] = []
    for _ in range(_TRIES):
        port = random.randint(_LOWEST, _HIGHEST)  # noqa: S311 - spreads, hides nothing
        if port not in taken and port not in found and _is_free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise OSError("no free port")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
