"""From rounds to tables: medians, ratios, counts. Nothing here measures or writes."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from loadtests.bars import Bar
from loadtests.bench.report import number, table
from loadtests.comparison.blast import Blast
from loadtests.comparison.sides import MONOLITH, POORWILL
from loadtests.comparison.visit import DELAYED_MS, Seen, Visit

CLAIMED_PERCENT = 35
"""Less deployment time: what the founding paper promises at best."""


class Comparison(NamedTuple):
    """All that a run found."""

    date: str
    machine: str
    commit: str
    engine: str  # that built the monolith's image; "" where none did
    visits: Sequence[Visit]
    blasts: Sequence[Blast] = ()


class Pair(NamedTuple):
    """Medians of both sides over the rounds with so many models."""

    models: int
    monolith_seconds: float
    poorwill_seconds: float

    @property
    def less_percent(self) -> float:
        """Return by how much less Poorwill takes; below 0 it takes more."""
        return 100 * (1 - self.poorwill_seconds / self.monolith_seconds)


def pairs(visits: Sequence[Visit], measure: Callable[[Visit], float]) -> list[Pair]:
    """Return the medians of a measure, by number of models."""
    return [
        Pair(
            models,
            *(
                statistics.median(measure(each) for each in of_side(visits, side, models))
                for side in (MONOLITH, POORWILL)
            ),
        )
        for models in sorted({each.models for each in visits})
    ]


def of_side(visits: Sequence[Visit], side: str, models: int) -> list[Visit]:
    """Return the rounds of a side with so many models."""
    return [each for each in visits if (each.side, each.models) == (side, models)]


def markdown(found: Comparison, *, command: str) -> str:
    """Return what stands between the markers of the page."""
    visits = found.visits
    rounds = len(of_side(visits, POORWILL, visits[0].models))
    built = f"the monolith's image built by {found.engine}" if found.engine else "no image built"
    head = f"{found.date[:10]}, {found.machine}, commit {found.commit}, {rounds} rounds, {built}, {command}:"
    parts = (head, _times(visits), _claim(visits, found.engine), _steps(visits), _requests(visits))
    return "\n\n".join(parts) + "\n"


def _times(visits: Sequence[Visit]) -> str:
    measures: tuple[tuple[str, Callable[[Visit], float]], ...] = (
        ("from the changed file to its first answer", lambda one: one.deploy_seconds),
        ("from the command back to the first old answer", lambda one: one.rollback_seconds),
    )
    return table(
        ("seconds, median", "models", "monolith", "Poorwill", "Poorwill, times the monolith"),
        (
            (
                words,
                str(pair.models),
                number(pair.monolith_seconds, 2),
                number(pair.poorwill_seconds, 2),
                number(pair.poorwill_seconds / pair.monolith_seconds, 2),
            )
            for words, measure in measures
            for pair in pairs(visits, measure)
        ),
    )


def _claim(visits: Sequence[Visit], engine: str) -> str:
    """Return a sentence for each number of models: what the paper promises, what was found."""
    found = pairs(visits, lambda one: one.deploy_seconds)
    words = "; ".join(
        f"with {pair.models} models Poorwill takes {abs(pair.less_percent):.0f} % "
        f"{'less' if pair.less_percent > 0 else 'more'}"
        for pair in found
    )
    without = "" if engine else " The monolith's image was not built, which is to its advantage."
    return f"The founding paper claims up to {CLAIMED_PERCENT} % less deployment time. Found: {words}.{without}"


def step_medians(visits: Sequence[Visit], side: str, models: int) -> dict[str, float]:
    """Return how long a deployment's steps take."""
    rounds = of_side(visits, side, models)
    return {name: statistics.median(each.steps[name] for each in rounds) for name in rounds[0].steps}


def deployment_bars(visits: Sequence[Visit]) -> list[Bar]:
    """Return the steps as bars, a side and number of models each."""
    return [
        Bar(f"{side}, {models} models", step_medians(visits, side, models))
        for models in sorted({each.models for each in visits})
        for side in (MONOLITH, POORWILL)
    ]


def _steps(visits: Sequence[Visit]) -> str:
    rows = (
        (f"{side}: {name}", str(models), number(took, 2))
        for models in sorted({each.models for each in visits})
        for side in (MONOLITH, POORWILL)
        for name, took in step_medians(visits, side, models).items()
    )
    return table(("seconds of each step, median", "models", ""), rows)


def _requests(visits: Sequence[Visit]) -> str:
    spans: tuple[tuple[str, Callable[[Visit], Seen]], ...] = (
        ("at rest", lambda one: one.quiet),
        ("deployment", lambda one: one.deploying),
        ("rollback", lambda one: one.rolling_back),
    )

    def rows() -> Iterator[tuple[str, ...]]:
        for models in sorted({each.models for each in visits}):
            for words, of in spans:
                for side in (MONOLITH, POORWILL):
                    some = [of(each) for each in of_side(visits, side, models)]
                    yield f"{words}, {side}", str(models), *_counted(some)

    head = ("requests of all rounds", "models", "asked", "errors", "lost", "wrong", f"over {DELAYED_MS:.0f} ms")
    return table((*head, "p50 ms", "slowest ms"), rows())


def _counted(some: Sequence[Seen]) -> tuple[str, ...]:
    counts = (
        sum(each.asked for each in some),
        sum(each.errors for each in some),
        sum(each.lost for each in some),
        sum(each.wrong for each in some),
        sum(each.delayed for each in some),
    )
    p50_ms = statistics.median(each.p50_ms for each in some)
    return (
        *(number(count, 0) for count in counts),
        number(p50_ms, 1),
        number(max(each.slowest_ms for each in some), 0),
    )
