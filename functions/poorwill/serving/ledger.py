"""The cold-start ledger: where the time between process start and first answer went, phase by phase."""

import os
import time

import msgspec

PHASES = ("interpreter", "imports", "fetch", "verify", "session", "authentication", "warm_up", "first_answer")
"""In the order of a start; fetch and verify run beside the imports, so the sum may exceed the total."""


class Phase(msgspec.Struct, frozen=True):
    """One phase: when it began after the process did, and how long it took."""

    name: str
    start_ms: float
    duration_ms: float


class StartPack(msgspec.Struct, frozen=True):
    """The start pack that a session was made from; "" in `unused`, or else why there was none."""

    unused: str = ""
    made_ms: float = 0.0  # a session of it, when it was made
    plain_ms: float = 0.0  # a session of the model itself, then


class Report(msgspec.Struct, frozen=True):
    """The ledger as it is shown; `ready_ms` and `first_answer_ms` count from the start of the process."""

    phases: tuple[Phase, ...]
    ready_ms: float | None
    first_answer_ms: float | None
    start_pack: StartPack | None = None  # None where none was looked for


class Ledger:
    """Collects phases; times are read from the monotonic clock, in nanoseconds.

    Args:
        began_ns: when the process began; the interpreter phase ends when the ledger is made.
    """

    __slots__ = ("_began_ns", "_phases", "first_answer_ns", "made_ns", "ready_ns", "start_pack")

    def __init__(self, began_ns: int | None = None) -> None:
        self.made_ns = now_ns = time.monotonic_ns()
        self._began_ns = process_start_ns(now_ns) if began_ns is None else began_ns
        self._phases: dict[str, tuple[int, int]] = {"interpreter": (self._began_ns, now_ns - self._began_ns)}
        self.ready_ns: int | None = None
        self.first_answer_ns: int | None = None
        self.start_pack: StartPack | None = None

    def add(self, name: str, start_ns: int, duration_ns: int | None = None) -> None:
        """Record a phase that began at `start_ns` and took `duration_ns`, or ends now."""
        self._phases[name] = (start_ns, time.monotonic_ns() - start_ns if duration_ns is None else duration_ns)

    def ready(self) -> None:
        """Record that session and warm-up are done; called again when requests are taken, that moment counts."""
        self.ready_ns = time.monotonic_ns()

    def answered(self, start_ns: int) -> None:
        """Record the first answer to a caller, whose request was taken at `start_ns`."""
        self.first_answer_ns = time.monotonic_ns()
        self.add("first_answer", start_ns)

    def report(self) -> Report:
        """Return the phases so far, in the order of PHASES."""
        known = ((name, self._phases[name]) for name in PHASES if name in self._phases)
        phases = tuple(Phase(name, _ms(start - self._began_ns), _ms(duration)) for name, (start, duration) in known)
        return Report(phases, self._after_ms(self.ready_ns), self._after_ms(self.first_answer_ns), self.start_pack)

    def _after_ms(self, moment_ns: int | None) -> float | None:
        return None if moment_ns is None else _ms(moment_ns - self._began_ns)


def process_start_ns(now_ns: int) -> int:
    """Return when this process began on the monotonic clock, from /proc (to 10 ms); `now_ns` where there is none."""
    try:
        with open("/proc/self/stat", "rb") as stat:  # noqa: PTH123 - pathlib is kept off the start's path
            ticks = int(stat.read().rpartition(b")")[2].split()[19])
        since_boot_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    except (OSError, AttributeError, ValueError, IndexError):
        return now_ns
    age_ns = since_boot_ns - ticks * 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    return now_ns - max(0, age_ns)


def _ms(nanoseconds: int) -> float:
    return round(nanoseconds / 1e6, 3)
