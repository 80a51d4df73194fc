"""From faults to a table and bars: what others saw of it; pure."""

import statistics
from collections.abc import Iterator, Sequence

from loadtests.bars import Bar
from loadtests.bench.report import number, table
from loadtests.comparison.blast import CRASH, FAULTS, REFUSED, TAKEN, Blast
from loadtests.comparison.sides import MONOLITH, POORWILL


def blast_markdown(blasts: Sequence[Blast]) -> str:
    """Return the table: the model with the fault, all others, and what else could be deployed meanwhile."""
    head = ("fault in one model", "faulty version", "others touched, median", "their failed", "their late")
    more = ("their longest silence, s", "its own failed", "its own wrong", "its own silence, s")
    return table((*head, *more, "another one deployed meanwhile, s", "taken back, s"), _rows(blasts))


def blast_bars(blasts: Sequence[Blast]) -> list[Bar]:
    """Return the longest silence of the others as bars."""
    return [
        Bar(f"{fault}, {side}", {"seconds that another model gave no answer": _median_silence(some)})
        for fault, side, some in _groups(blasts)
    ]


def _rows(blasts: Sequence[Blast]) -> Iterator[tuple[str, ...]]:
    for fault, side, some in _groups(blasts):
        refused = sum(each.said == REFUSED for each in some)
        went = REFUSED if refused == len(some) else f"{REFUSED} {refused} times" if refused else TAKEN
        back = [each.back_seconds for each in some if each.back_seconds is not None]
        took = [each.next_seconds for each in some if each.next_seconds is not None]
        yield (
            f"{fault}, {side}",
            "" if fault == CRASH else went,
            number(statistics.median(each.others.models for each in some), 0),
            number(sum(each.others.failed for each in some), 0),
            number(sum(each.others.late for each in some), 0),
            number(_median_silence(some), 1),
            number(sum(each.own.failed for each in some), 0),
            number(sum(each.own.wrong for each in some), 0),
            number(statistics.median(each.own.silence_seconds for each in some), 1),
            number(statistics.median(took), 1) if len(took) == len(some) else f"never, {len(some) - len(took)} times",
            number(statistics.median(back) if back else None, 1),
        )


def _groups(blasts: Sequence[Blast]) -> Iterator[tuple[str, str, list[Blast]]]:
    for fault in FAULTS:
        for side in (MONOLITH, POORWILL):
            some = [each for each in blasts if (each.fault, each.side) == (fault, side)]
            if some:
                yield fault, side, some


def _median_silence(some: Sequence[Blast]) -> float:
    return statistics.median(each.others.silence_seconds for each in some)
