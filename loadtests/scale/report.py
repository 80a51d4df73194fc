"""From one run to a page: what was wanted beside what was found. Nothing here measures or writes."""

import statistics
from collections.abc import Iterator, Sequence

from loadtests.bench.report import Goal, goal_table, number, table
from loadtests.found import percentile_ms
from loadtests.scale.seen import Memory, Scale, Timed

COMMAND_SECONDS = 1.0
"""What a command may take."""
ASLEEP, ASLEEP_MB = 200, 20.0
"""So many versions that sleep may take so much memory of the twin and Envoy."""
PLAIN = ("models", "versions", "status of one", "status of all")
DELIVERY = ("push", "deploy", "split", "rollback")
WAKE = "wake"


def markdown(found: Scale, *, command: str) -> str:
    """Return what stands between the markers of the page."""
    head = (
        f"{found.date[:10]}, {found.machine}, commit {found.commit}, {command}; {found.models:,} models of "
        f"{found.versions} versions each in the registry, {found.deployed:,} of them deployed:"
    )
    filled = (
        f"The registry was filled in {found.filled_seconds:.0f} s. {found.deployed:,} versions were deployed, each "
        f"with a Route of its model, and had been Ready and were asleep after {found.deployed_seconds:.0f} s."
    )
    parts = (head, goal_table(goals(found)), _commands(found.commands), _memory(found.memory), filled)
    return "\n\n".join(parts) + "\n"


def goals(found: Scale) -> list[Goal]:
    """Return what was promised beside what was found."""
    medians = {timed.name: statistics.median(timed.seconds) for timed in found.commands}
    wanted = [name for name in medians if name.partition(",")[0] in {*PLAIN, *DELIVERY}]
    commands = [Goal(f"`{name}`, seconds", COMMAND_SECONDS, medians[name], at_least=False) for name in wanted]
    asleep = Goal(
        f"memory of {ASLEEP} further sleeping versions, MB", ASLEEP_MB, asleep_mb(found.memory), at_least=False
    )
    return [*commands, asleep]


def asleep_mb(memory: Sequence[Memory]) -> float | None:
    """Return what so many further versions that sleep take of the twin and Envoy.

    The first one is not among them: what Envoy and the twin take for it, they take once.
    """
    rests = [seen for seen in memory if seen.asleep and not seen.awake]
    empty, most = min(rests, default=None), max(rests, default=None)
    if empty is None or most is None or most.asleep == empty.asleep:
        return None
    return ASLEEP * (_both_mb(most) - _both_mb(empty)) / (most.asleep - empty.asleep)


def _both_mb(seen: Memory) -> float:
    return seen.twin_mb + seen.envoy_mb


def _commands(commands: Sequence[Timed]) -> str:
    def rows() -> Iterator[tuple[str, ...]]:
        for timed in commands:
            times_ms = [seconds * 1000 for seconds in timed.seconds]
            yield (
                f"`{timed.name}`",
                number(statistics.median(timed.seconds), 2),
                number((percentile_ms(times_ms, 0.95) or 0) / 1000, 2),
                number(statistics.median(timed.cpu_seconds), 2),
                str(len(timed.seconds)),
            )
        medians = {timed.name: statistics.median(timed.seconds) for timed in commands}
        if "deploy" in medians and WAKE in medians:
            yield "`deploy`, less what a wake takes", number(medians["deploy"] - medians[WAKE], 2), "", "", ""

    return table(("seconds from start to exit", "median", "p95", "its own CPU", "times"), rows())


def _memory(memory: Sequence[Memory]) -> str:
    return table(
        ("versions asleep", "functions awake", "twin PSS MB", "Envoy PSS MB", "functions PSS MB"),
        (
            (
                f"{seen.asleep:,}",
                str(seen.awake),
                number(seen.twin_mb, 1),
                number(seen.envoy_mb, 1),
                number(seen.functions_mb, 1),
            )
            for seen in memory
        ),
    )
