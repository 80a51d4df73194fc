"""Limits of a run: read from limits.yaml, judged against what was found, shown side by side."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

FILE = Path(__file__).with_name("limits.yaml")
WRONG = "wrong answer"  # the failure that an answer with status 200 and other numbers is recorded as


class Limits(NamedTuple):
    """What one kind of request must keep."""

    allowed_errors: int
    allowed_wrong: int
    p99_limit_ms: float
    lowest_requests_per_second: float


class Found(NamedTuple):
    """What one kind of request showed."""

    errors: int = 0
    wrong: int = 0
    p99_ms: float = 0.0
    requests_per_second: float = 0.0


class Judged(NamedTuple):
    """One limit beside what was found."""

    kind: str
    measure: str
    limit: str
    found: str
    kept: bool


def read(path: Path = FILE) -> dict[str, Limits]:
    """Return the limits by kind of request; a name that is missing or unknown is a TypeError."""
    return {kind: Limits(**members) for kind, members in yaml.safe_load(path.read_text()).items()}


def judge(limits: Mapping[str, Limits], found: Mapping[str, Found]) -> list[Judged]:
    """Return every limit with its judgement; a kind that was never sent breaks its lowest rate."""
    return [line for kind, row in limits.items() for line in _judge(kind, row, found.get(kind, Found()))]


def _judge(kind: str, limits: Limits, found: Found) -> Sequence[Judged]:
    lowest = limits.lowest_requests_per_second
    return (
        Judged(kind, "errors", f"<= {limits.allowed_errors}", str(found.errors), found.errors <= limits.allowed_errors),
        Judged(kind, "wrong", f"<= {limits.allowed_wrong}", str(found.wrong), found.wrong <= limits.allowed_wrong),
        Judged(
            kind, "p99 ms", f"<= {limits.p99_limit_ms:g}", f"{found.p99_ms:.0f}", found.p99_ms <= limits.p99_limit_ms
        ),
        Judged(
            kind,
            "requests/s",
            f">= {lowest:g}",
            f"{found.requests_per_second:.0f}",
            found.requests_per_second >= lowest,
        ),
    )


def found_in(stats: Any) -> dict[str, Found]:
    """Return what Locust's statistics (environment.stats) hold, by kind of request."""
    wrong: dict[str, int] = {}
    for error in stats.errors.values():
        if WRONG in str(error.error):  # an exception of Locust's own around it
            wrong[error.name] = wrong.get(error.name, 0) + error.occurrences
    return {
        entry.name: Found(
            errors=entry.num_failures - wrong.get(entry.name, 0),
            wrong=wrong.get(entry.name, 0),
            p99_ms=float(entry.get_response_time_percentile(0.99) or 0),
            requests_per_second=entry.total_rps,
        )
        for entry in stats.entries.values()
    }


def table(judged: Sequence[Judged]) -> str:
    """Return the judgements as text, one a line."""
    rows = [("", "limit", "found", ""), *((f"{j.kind}: {j.measure}", j.limit, j.found, _word(j)) for j in judged)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]}".rstrip() for row in rows
    )


def _word(judged: Judged) -> str:
    return "kept" if judged.kept else "BROKEN"
