"""From one run to a page: medians, goals with what was found, and Markdown. Nothing here measures or writes."""

import statistics
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from loadtests.bench.report import Goal, goal_table, number, table
from loadtests.bench.twin.rest import Rest
from loadtests.bench.twin.wakes import Wake
from loadtests.bench.twin.warm import LIVE, Latency, Load

DIRECT, ENVOY, ACTIVATOR = "direct", "envoy", "activator"
NAMES = {DIRECT: "no gateway", ENVOY: "Envoy", ACTIVATOR: "the activator alone"}
INFER_NAME, LIVE_NAME = "infer", "live"
_Seen = TypeVar("_Seen")


class Run(NamedTuple):
    """All that one run found; no loads without wrk."""

    empty: Rest
    asleep: Rest
    services: int
    apply_seconds: float
    wakes: list[Wake]
    latencies: dict[str, list[Latency]]  # by data path, one a round
    loads: list[Load]


def goals(run: Run) -> list[Goal]:
    """Return what was promised beside what was found."""
    envoy = [load.requests_per_second for load in run.loads if load.way == ENVOY]
    return [
        Goal("added to a warm request by Envoy, ms", 0.3, _added_ms(run, ENVOY), at_least=False),
        Goal("requests a second through Envoy", 10_000, max(envoy) if envoy else None, at_least=True),
        Goal("wake from zero, times the bare start", 1.3, _ratio(run.wakes), at_least=False),
        Goal(f"processes of {run.services} sleeping services", 0, run.asleep.processes, at_least=False),
        Goal(f"memory of {run.services} sleeping services, MB", 20, run.asleep.mb - run.empty.mb, at_least=False),
    ]


def markdown(run: Run, *, header: str) -> str:
    """Return the page."""
    parts = (header, goal_table(goals(run)), _warm(run), _loads(run.loads), _wakes(run), _rests(run))
    return "\n\n".join(part for part in parts if part) + "\n"


def _warm(run: Run) -> str:
    rows = [
        (
            NAMES[path],
            number(_middle(run.latencies[path], lambda seen: seen.direct_ms), 2),
            number(_middle(run.latencies[path], lambda seen: seen.gateway_ms), 2),
            number(_added_ms(run, path), 2),
        )
        for path in run.latencies
    ]
    return table(("one connection, through", "p50 ms without", "p50 ms with", "added ms"), rows)


def _loads(loads: list[Load]) -> str:
    if not loads:
        return ""
    head = ("64 connections, through", "asked", "req/s", "p99 ms", "us: function", "Envoy", "twin", "wrk", "bad")
    return table(head, (row for path in dict.fromkeys(load.path for load in loads) for row in _rows(path, loads)))


def _rows(path: str, loads: list[Load]) -> Iterable[tuple[str, ...]]:
    for way, name in NAMES.items():
        seen = [load for load in loads if (load.path, load.way) == (path, way)]
        if not seen:
            continue
        times = (
            _middle(seen, lambda load: load.function_us),
            _middle(seen, lambda load: load.envoy_us),
            _middle(seen, lambda load: load.twin_us),
            _middle(seen, lambda load: load.wrk_us),
        )
        yield (
            name,
            LIVE_NAME if path == LIVE else INFER_NAME,
            number(_middle(seen, lambda load: load.requests_per_second), 0),
            number(_middle(seen, lambda load: load.p99_ms), 1),
            *(number(used, 0) for used in times),
            str(sum(load.errors for load in seen)),
        )


def _wakes(run: Run) -> str:
    wake = _middle(run.wakes, lambda turn: turn.wake_ms)
    bare = _middle(run.wakes, lambda turn: turn.bare_ms)
    slowest = max(turn.wake_ms for turn in run.wakes)
    return (
        f"Wake from zero to the first answer, {run.services} services asleep: {wake:.0f} ms (slowest of "
        f"{len(run.wakes)}: {slowest:.0f} ms); the bare start of the same process: {bare:.0f} ms. "
        f"{run.services} services were applied, started and Ready in {run.apply_seconds:.0f} s."
    )


def _rests(run: Run) -> str:
    head = ("twin at rest", "functions", "twin PSS MB", "Envoy PSS MB", "twin CPU s/min", "Envoy CPU s/min")
    rows = (("empty", run.empty), (f"{run.services} asleep", run.asleep))
    return table(
        head,
        (
            (
                name,
                str(rest.processes),
                number(rest.twin_mb, 1),
                number(rest.envoy_mb, 1),
                number(rest.twin_cpu, 2),
                number(rest.envoy_cpu, 2),
            )
            for name, rest in rows
        ),
    )


def _added_ms(run: Run, path: str) -> float:
    return _middle(run.latencies[path], lambda seen: seen.added_ms)


def _ratio(wakes: list[Wake]) -> float:
    return _middle(wakes, lambda turn: turn.wake_ms / turn.bare_ms)


def _middle(seen: Iterable[_Seen], field: Callable[[_Seen], float]) -> float:
    return statistics.median(map(field, seen))
