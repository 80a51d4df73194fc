"""From what processes hold to what a day takes: tables and bars; pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from loadtests.bars import Bar
from loadtests.bench.report import number, table
from loadtests.comparison.day import Bill, Day, day, functions_bill, monolith_bill
from loadtests.comparison.report import of_side
from loadtests.comparison.sides import MONOLITH, POORWILL
from loadtests.comparison.visit import Visit
from loadtests.found import percentile_ms
from loadtests.watch import Prices

REQUESTS = (100, 1_000, 10_000, 100_000)  # a day, to all models together
HEAVIER_MB = (0, 100)  # that each model holds more than those that were measured


class Held(NamedTuple):
    """What was measured with most models, in MiB."""

    models: int
    function_mb: float  # one of as many
    monolith_mb: float  # with all of them


class Row(NamedTuple):
    """One day."""

    heavier_mb: int
    day: Day
    functions: Bill
    monolith: Bill


def held(visits: Sequence[Visit]) -> Held | None:
    """Return the medians over the rounds with most models; None where memory could not be measured."""
    models = max(each.models for each in visits)
    function, monolith = (
        percentile_ms(
            [each.pss_mb / max(each.processes, 1) for each in of_side(visits, side, models) if each.pss_mb is not None],
            0.5,
        )
        for side in (POORWILL, MONOLITH)
    )
    return None if function is None or monolith is None else Held(models, function, monolith)


def days(found: Held, prices: Prices) -> list[Row]:
    """Return each day."""
    return [
        Row(
            more,
            one,
            functions_bill(one, found.function_mb + more, prices),
            monolith_bill(found.monolith_mb + more * found.models, prices),
        )
        for more in HEAVIER_MB
        for one in (day(found.models, requests) for requests in REQUESTS)
    ]


def day_markdown(found: Held, prices: Prices) -> str:
    """Return the table with what it is reckoned from."""

    def rows() -> Iterator[tuple[str, ...]]:
        for more, one, functions, monolith in days(found, prices):
            yield (
                f"{one.requests:,}{f', models {more} MB heavier' if more else ''}",
                number(one.awake_hours, 1),
                str(one.most_awake),
                f"{one.cold_starts:,}",
                number(monolith.gib_hours, 2),
                number(functions.gib_hours, 2),
                number(monolith.usd, 3),
                number(functions.usd, 3),
                number(functions.usd / monolith.usd, 2),
            )

    head = ("requests a day", "hours awake, all functions", "most at once", "cold starts", "GiB h, monolith")
    words = (
        f"Measured: {found.function_mb:.0f} MiB a function that is awake, of {found.models} on one machine; "
        f"{found.monolith_mb:.0f} MiB the monolith with {found.models} models."
    )
    more = ("GiB h, Poorwill", "USD, monolith", "USD, Poorwill", "Poorwill, times")
    return f"{words}\n\n{table((*head, *more), rows())}"


def day_bars(found: Held, prices: Prices) -> list[Bar]:
    """Return what a day costs on both sides, as bars."""
    return [
        Bar(f"{side}, {one.requests:,} a day", {"models as measured" if not more else f"{more} MB heavier": bill.usd})
        for more, one, functions, monolith in days(found, prices)
        for side, bill in ((MONOLITH, monolith), (POORWILL, functions))
    ]
