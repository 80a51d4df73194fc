"""What each fault cost, as a table in Markdown; pure."""

from collections import Counter
from collections.abc import Iterator, Sequence

from loadtests.bench.report import number, table
from loadtests.faults.documented import DOCUMENTED, NOTHING
from loadtests.faults.recovery import Recovered
from loadtests.faults.schedule import Fault

HEADS = (
    "fault",
    "lasted, s",
    "answers",
    "told in place of one",
    "last of these, s",
    "first right answer, s",
    "90 % of the rate, s",
    "events acknowledged",
    "of these lost",
    "wrong",
)


def markdown(found: Sequence[Recovered], *, head: str) -> str:
    """Return the table in the order of the faults, under a line that says when, where and of what."""
    rows = ((f"{place}. {row[0]}", *row[1:]) for place, row in enumerate(rows_of(found), 1))
    return f"{head}\n\n{table(HEADS, rows)}\n"


def rows_of(found: Sequence[Recovered]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each fault."""
    for each in found:
        yield (
            str(each.fault),
            number(each.lasted_seconds, 1),
            number(each.right, 0),
            words(each.told) or "nothing",
            number(each.last_failure_seconds, 1),
            number(each.first_right_seconds, 1),
            number(each.rate_back_seconds, 1),
            number(each.events, 0),
            number(each.events_lost, 0),
            number(each.wrong, 0),
        )


def words(told: Counter[str]) -> str:
    """Return what was told how often."""
    return ", ".join(f"{said} ({count:,})" for said, count in told.most_common())


def documented_markdown() -> str:
    """Return what callers may be told, as a table."""
    heads = ("fault", "callers of models", "senders of events", "callers of the model that it is done to")
    rows = ((str(fault), *(_kinds(said) for said in DOCUMENTED.get(fault, NOTHING))) for fault in Fault)
    return table(heads, rows) + "\n"


def _kinds(said: Sequence[str]) -> str:
    return " or ".join(said) or "nothing but answers"
