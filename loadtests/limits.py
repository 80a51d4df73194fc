"""Limits of a run: read from limits.yaml, judged against what was found, shown side by side."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from loadtests.found import Found, FoundWhole

FILE = Path(__file__).with_name("limits.yaml")
WHOLE = "whole run"


class Limits(NamedTuple):
    """What one kind of request must keep; None is no limit."""

    allowed_errors: int = 0
    allowed_lost: int = 0
    allowed_wrong: int = 0
    warm_p50_limit_ms: float | None = None
    warm_p99_limit_ms: float | None = None
    cold_p50_limit_ms: float | None = None
    cold_p99_limit_ms: float | None = None
    lowest_cold_answers: int | None = None
    lowest_requests_per_second: float = 0.0


class WholeLimits(NamedTuple):
    """What a run as a whole must keep; None is no limit."""

    cost_limit_usd_per_million: float | None = None
    split_deviation_limit_percent: float | None = None
    lowest_asleep_percent: float | None = None


class RunLimits(NamedTuple):
    """What one run must keep."""

    kinds: Mapping[str, Limits]
    whole: WholeLimits = WholeLimits()


class Judged(NamedTuple):
    """One limit beside what was found."""

    kind: str
    measure: str
    limit: str
    found: str
    kept: bool


class _Rule(NamedTuple):
    limit: str  # a member of Limits or WholeLimits
    found: str  # a member of Found or FoundWhole
    measure: str  # as it is shown
    at_most: bool = True
    digits: int = 0  # shown behind the point
    kept_by_none: bool = False  # nobody waited; that somebody did is a limit of its own


_KIND_RULES = (
    _Rule("allowed_errors", "errors", "errors"),
    _Rule("allowed_lost", "lost", "lost"),
    _Rule("allowed_wrong", "wrong", "wrong"),
    _Rule("warm_p50_limit_ms", "warm_p50_ms", "warm p50 ms"),
    _Rule("warm_p99_limit_ms", "warm_p99_ms", "warm p99 ms"),
    _Rule("cold_p50_limit_ms", "cold_p50_ms", "cold p50 ms", kept_by_none=True),
    _Rule("cold_p99_limit_ms", "cold_p99_ms", "cold p99 ms", kept_by_none=True),
    _Rule("lowest_cold_answers", "cold_answers", "cold answers", at_most=False),
    _Rule("lowest_requests_per_second", "requests_per_second", "requests/s", at_most=False, digits=1),
)
_WHOLE_RULES = (
    _Rule("cost_limit_usd_per_million", "usd_per_million", "USD a million answers", digits=3),
    _Rule("split_deviation_limit_percent", "split_deviation_percent", "split, points off", digits=1),
    _Rule("lowest_asleep_percent", "asleep_percent", "models asleep %", at_most=False, digits=0),
)


def read(path: Path = FILE) -> dict[str, RunLimits]:
    """Return the limits by run; a name that is missing or unknown is a TypeError."""
    return {name: _run_limits(**parts) for name, parts in yaml.safe_load(path.read_text()).items()}


def judge(limits: RunLimits, found: Mapping[str, Found], whole: FoundWhole) -> list[Judged]:
    """Return every limit with its judgement; what was never measured breaks its limit, unless nobody waited."""
    judged = [
        line for kind, row in limits.kinds.items() for line in _judge(kind, _KIND_RULES, row, found.get(kind, Found()))
    ]
    return [*judged, *_judge(WHOLE, _WHOLE_RULES, limits.whole, whole)]


def table(judged: Sequence[Judged]) -> str:
    """Return the judgements as text, one a line."""
    rows = [("", "limit", "found", ""), *((f"{j.kind}: {j.measure}", j.limit, j.found, _word(j)) for j in judged)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]}".rstrip() for row in rows
    )


def _run_limits(kinds: Mapping[str, Mapping[str, Any] | None], whole: Mapping[str, Any] | None = None) -> RunLimits:
    return RunLimits({kind: Limits(**(row or {})) for kind, row in kinds.items()}, WholeLimits(**(whole or {})))


def _judge(
    kind: str, rules: Sequence[_Rule], limits: Limits | WholeLimits, found: Found | FoundWhole
) -> Iterator[Judged]:
    for rule in rules:
        limit, value = getattr(limits, rule.limit), getattr(found, rule.found)
        if limit is None:
            continue
        sign = "<=" if rule.at_most else ">="
        kept = rule.kept_by_none if value is None else (value <= limit if rule.at_most else value >= limit)
        if rule.found == "requests_per_second" and not limit:
            sign, kept = ">", value > 0  # no lowest rate is no leave to ask nothing
        shown = "none" if value is None else f"{value:,.{rule.digits}f}"
        yield Judged(kind, rule.measure, f"{sign} {limit:,g}", shown, kept)


def _word(judged: Judged) -> str:
    return "kept" if judged.kept else "BROKEN"
