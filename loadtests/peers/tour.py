"""Visits every server turn by turn: a start to the first right answer, load, memory, the same answer again, its end."""

import http.client
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from functions.examples.served import free_port

from loadtests.bench import wrk
from loadtests.bench.machine import say
from loadtests.bench.models import Sample
from loadtests.bench.running import Measured, Running
from loadtests.peers.models import BIG
from loadtests.peers.place import Place
from loadtests.peers.rows import OURS, ROWS

MANY_CONNECTIONS = 64
WARM_SECONDS, TRIAL_SECONDS = 1, 2
TRIED_THREADS = (1, 2)
FAILURES = (OSError, ValueError, http.client.HTTPException, subprocess.CalledProcessError)
_Item = TypeVar("_Item")


class Visit(NamedTuple):
    """One start of one server; a visit for the cold start alone carries no load, and no load without wrk."""

    model: str
    row: str
    cold_ms: float
    pss_mb: float | None = None
    one: Measured | None = None
    many: Measured | None = None


class Plan(NamedTuple):
    """How often, and for how long."""

    rounds: int
    cold: int
    seconds: int


class Tour:
    """All rows and models of a run; a row that fails with a model is left out of it from then on, and said to be.

    Args:
        bins: folders of the environments, by row.
        store: that has our versions.
        samples: of the models, by name.
        folder: for everything that servers write.
    """

    def __init__(self, bins: Mapping[str, Path], store: Path, samples: Mapping[str, Sample], folder: Path) -> None:
        self.bins, self.store, self.samples, self.folder = bins, store, samples, folder
        self.threads: dict[tuple[str, str], int] = {}
        self.faults: dict[tuple[str, str], str] = {}

    def started(self, row: str, model: str, threads: int = 1) -> Running:
        """Start a server, and wait for its first right answer."""
        folder = self.folder / row / f"{model}-{threads}"
        ports = free_port(), free_port(), free_port()
        place = Place(self.bins[row], self.store, self.samples[model], folder, ports, threads)
        if not folder.exists():
            folder.mkdir(parents=True)
            ROWS[row].prepare(place)
        variables = {} if row == OURS else place.variables | dict(ROWS[row].variables(place))
        form = ROWS[row].form(model)
        return Running(ROWS[row].command(place), place.sample, ports[0], form=form, folder=folder, variables=variables)

    def try_threads(self) -> None:
        """Find how many threads for a run of the big model bring each peer more answers, so that it has those."""
        for row in self.bins if BIG in self.samples and wrk.is_there() else ():
            if row != OURS:
                try:
                    rates = {count: self._trial(row, count) for count in TRIED_THREADS}
                except FAILURES as failure:
                    self._leave_out(BIG, row, failure)
                    continue
                self.threads[BIG, row] = max(rates, key=lambda count: rates[count])
                say(f"{ROWS[row].name}, threads of a run: {rates} req/s")

    def visits(self, plan: Plan) -> Iterator[Visit]:
        """Yield a visit of each, so often: those with load first."""
        for number in range(plan.rounds + plan.cold):
            seconds = plan.seconds if wrk.is_there() and number < plan.rounds else 0
            for model in self.samples:
                for row in rotated(list(self.bins), number):
                    if (model, row) in self.faults:
                        continue
                    try:
                        visit = self._visit(model, row, seconds)
                    except FAILURES as failure:
                        self._leave_out(model, row, failure)
                        continue
                    say(f"round {number + 1}, {model}: {ROWS[row].name}: cold {visit.cold_ms:.0f} ms{_brief(visit)}")
                    yield visit

    def _visit(self, model: str, row: str, seconds: int) -> Visit:
        with self.started(row, model, self.threads.get((model, row), 1)) as running:
            if not seconds:
                return Visit(model, row, running.cold_ms)
            running.load(MANY_CONNECTIONS, WARM_SECONDS)
            running.check()  # an answer now means that those which nobody waits for any more are done
            one = running.load(1, max(2, seconds // 2))
            many = running.load(MANY_CONNECTIONS, seconds * 2 if model == BIG else seconds)  # few answers a second
            if not (one.requests_per_second and many.requests_per_second):
                raise ValueError("no answer under load")
            running.check()  # still right after the load?
            return Visit(model, row, running.cold_ms, running.pss_mb(), one, many)

    def _trial(self, row: str, threads: int) -> int:
        with self.started(row, BIG, threads) as running:
            return round(running.load(MANY_CONNECTIONS, TRIAL_SECONDS).requests_per_second)

    def _leave_out(self, model: str, row: str, failure: Exception) -> None:
        if row == OURS:
            raise failure
        self.faults[model, row] = str(failure) or type(failure).__name__
        log = (self.folder / row).rglob("server.log")
        last = [line for path in log for line in path.read_text(errors="replace").splitlines()[-5:]]
        say("\n".join([f"{ROWS[row].name} is left out of {model}: {failure!r}; its last words:", *last]))


def rotated(items: Sequence[_Item], number: int) -> list[_Item]:
    """Return the items of a round: nobody always follows the same neighbour."""
    first = number % len(items)
    return [*items[first:], *items[:first]]


def _brief(visit: Visit) -> str:
    return f", {visit.many.requests_per_second:,.0f} req/s, p99 {visit.many.p99_ms:.1f} ms" if visit.many else ""
