"""New data beside a profile: what was expected of each column, what came, and whether that is near enough."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec

from poorwill.pipeline.drift import by_chance, percent_by_chance, stability_index
from poorwill.pipeline.profile import ColumnProfile, Profile
from poorwill.pipeline.seen import Seen
from poorwill.pipeline.spec import Limits
from poorwill.pipeline.table import Column, Table

What = Literal["rows", "columns", "type", "missing", "range", "categories", "drift"]

_PERCENT = 100.0


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One expectation. No value of the data is in it, only what is counted or measured over many."""

    column: str  # "" is the whole table
    what: What
    passed: bool
    wanted: str
    found: str
    measure: float | None = None
    limit: float | None = None
    allowed: float | None = None  # the limit, and what chance puts over it in so few rows


class Expected(NamedTuple):
    """What data is held against."""

    profile: Profile
    limits: Limits


def checks(expected: Expected, table: Table, seen: dict[str, Seen]) -> tuple[Check, ...]:
    """Return every check of a table, those of the whole first."""
    columns = {column.name: column for column in table.columns}
    shared = [column for column in expected.profile.columns if column.name in columns]
    found: list[Check] = [_rows(expected, table), *_columns(expected.profile, table)]
    for profile in shared:
        found.extend(_of_column(expected, profile, columns[profile.name], seen.get(profile.name)))
    return tuple(found)


def _rows(expected: Expected, table: Table) -> Check:
    least = expected.limits.rows
    passed = table.rows >= least
    return Check(
        column="",
        what="rows",
        passed=passed,
        wanted=f"{least} rows at least",
        found=str(table.rows),
        measure=table.rows,
    )


def _columns(profile: Profile, table: Table) -> Iterator[Check]:
    wanted, found = [column.name for column in profile.columns], [column.name for column in table.columns]
    for name in (name for name in wanted if name not in found):
        yield Check(column=name, what="columns", passed=False, wanted="the column", found="none of that name")
    for name in (name for name in found if name not in wanted):
        yield Check(column=name, what="columns", passed=False, wanted="no such column", found="one")
    if set(wanted) == set(found):
        order = "in the reference's order"
        same = wanted == found
        yield Check(
            column="",
            what="columns",
            passed=same,
            wanted=f"{len(wanted)} columns, {order}",
            found=f"them, {order if same else 'in another order, that a model would take for its own'}",
        )


def _of_column(expected: Expected, profile: ColumnProfile, column: Column, seen: Seen | None) -> Iterator[Check]:
    yield from column_checks(expected, profile, seen) if seen else (_other_kind(profile, column),)


def column_checks(expected: Expected, profile: ColumnProfile, seen: Seen) -> Iterator[Check]:
    """Yield every check of a column that is of its kind."""
    yield _kind(profile, seen)
    yield _missing(expected, profile, seen)
    if profile.kind == "number":
        yield from _range(expected, profile, seen)
    elif profile.categories:
        yield _categories(expected, profile, seen)
    if profile.counts:
        yield _drift(expected, profile, seen)


def _other_kind(profile: ColumnProfile, column: Column) -> Check:
    wanted = "numbers" if profile.kind == "number" else "text"
    found = "numbers" if column.kind == "number" else "text"
    if column.words:
        found = f"{column.words} values that are none, first in row {column.first_word_row}"
    return Check(column=profile.name, what="type", passed=False, wanted=wanted, found=found)


def _kind(profile: ColumnProfile, seen: Seen) -> Check:
    if profile.kind == "text":
        return Check(column=profile.name, what="type", passed=True, wanted="text", found="text")
    passed = not (profile.whole and seen.fractional)
    return Check(
        column=profile.name,
        what="type",
        passed=passed,
        wanted="whole numbers" if profile.whole else "numbers",
        found=f"{seen.fractional} that are not whole" if not passed else "them",
    )


def _missing(expected: Expected, profile: ColumnProfile, seen: Seen) -> Check:
    before = _percent(profile.missing, expected.profile.rows)
    limit, told = before + expected.limits.missing_percent, f"without a value (the reference has {before:.3g} %)"
    return _measured(expected, _Share(profile.name, "missing", seen.missing, seen.rows), limit, told)


def _range(expected: Expected, profile: ColumnProfile, seen: Seen) -> Iterator[Check]:
    if profile.lowest is None or profile.highest is None:
        return
    share = _Share(profile.name, "range", seen.outside, seen.rows - seen.missing)
    yield _measured(expected, share, expected.limits.out_of_range_percent, "beyond the reference's range")


def _categories(expected: Expected, profile: ColumnProfile, seen: Seen) -> Check:
    share = _Share(profile.name, "categories", int(seen.counts[-1]), seen.rows - seen.missing)
    told = f"outside the reference's {len(profile.categories)} categories"
    return _measured(expected, share, expected.limits.new_category_percent, told)


def _drift(expected: Expected, profile: ColumnProfile, seen: Seen) -> Check:
    before = [*profile.counts, *([0] if profile.kind == "text" else [])]
    now = [int(count) for count in seen.counts]
    index, limit = stability_index(before, now), expected.limits.drift
    allowed = max(limit, by_chance(before, now, len(expected.profile.columns)))
    return Check(
        column=profile.name,
        what="drift",
        passed=index <= allowed,
        wanted=f"an index of drift of {limit:.3g} at most" + _raised(f"{limit:.3g}", f"{allowed:.3g}"),
        found=f"{index:.3g}",
        measure=index,
        limit=limit,
        allowed=allowed,
    )


class _Share(NamedTuple):
    """A part of a column's rows."""

    column: str
    what: What
    part: int
    whole: int


def _measured(expected: Expected, share: _Share, limit_percent: float, told: str) -> Check:
    allowed_percent = percent_by_chance(limit_percent, share.whole, len(expected.profile.columns))
    percent = _percent(share.part, share.whole)
    return Check(
        column=share.column,
        what=share.what,
        passed=percent <= allowed_percent,
        wanted=f"{limit_percent:.3g} % at most {told}" + _raised(f"{limit_percent:.3g} %", f"{allowed_percent:.3g} %"),
        found=f"{percent:.3g} %",
        measure=percent,
        limit=limit_percent,
        allowed=allowed_percent,
    )


def _raised(limit: str, allowed: str) -> str:
    return f"; in so few rows {allowed}, as chance has it" if allowed != limit else ""


def _percent(part: int, whole: int) -> float:
    return _PERCENT * part / whole if whole else 0.0
