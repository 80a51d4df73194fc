"""What callers may be told under each fault, as docs/faults.md has it; anything else breaks the run."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from loadtests.asked import BROKEN, Asked
from loadtests.faults.schedule import Fault

STEADY = ("infer JSON", "infer binary", "Python client", "event")
EVENT, CALLER = "event", "own caller"  # kinds of requests

DEATH = ("502", "503")  # what it had begun; nobody there for a moment
END = (BROKEN, *DEATH)  # functions may die a moment before who carries


class Documented(NamedTuple):
    """What may come in place of an answer, by who asked."""

    callers: Sequence[str] = ()
    events: Sequence[str] = ()
    own: Sequence[str] = ()  # the run's own callers, of the model that the fault is done to

    def allows(self, one: Asked) -> bool:
        """Tell whether a request that failed was told what is documented."""
        return one.said in {EVENT: self.events, CALLER: self.own}.get(one.kind, self.callers)


NOTHING = Documented()
DOCUMENTED: Mapping[Fault, Documented] = {
    Fault.FUNCTION: Documented(callers=DEATH),
    Fault.AGAIN: Documented(callers=DEATH),
    Fault.ENVOY: Documented(callers=(BROKEN,), events=(BROKEN,)),
    Fault.TWIN: Documented(callers=END, events=END),
    Fault.LYING_STORE: Documented(own=("504",)),
    Fault.CROWD: Documented(own=("503",)),
    Fault.CLOCK_BACK: Documented(callers=DEATH),
    Fault.FULL_DISK: Documented(events=("503",)),
}
"""A fault that is not here is one of which nobody notices more than the wait."""
