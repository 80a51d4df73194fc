"""What validation found, as a record for programs and as a page for people."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from poorwill.pipeline.expectations import Check
from poorwill.pipeline.page import Html, bars, folded, grid, page, paragraph, section, text, toned
from poorwill.pipeline.profile import ColumnProfile, Profile
from poorwill.pipeline.seen import Seen

_MOST_BARS = 16


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What validation found; the same for the same data and the same profile."""

    format: int = 1
    pipeline: str
    data: str  # what people call it
    digest: str
    rows: int
    reference: str
    reference_rows: int
    passed: bool
    checks: tuple[Check, ...]


def report_page(report: Report, profile: Profile, seen: Mapping[str, Seen]) -> bytes:
    """Return the report as one HTML file: what failed first, then each column beside its reference."""
    failed = [check for check in report.checks if not check.passed]
    verdict = f"All {len(report.checks)} checks passed"
    if failed:
        verdict = f"{len(failed)} of {len(report.checks)} checks failed: the run stops here, nothing was trained"
    facts = {
        "Pipeline": report.pipeline,
        "Data": f"{report.data}, {report.rows:,} rows",
        "Digest": report.digest,
        "Reference": f"{report.reference}, {report.reference_rows:,} rows",
    }
    return page(
        f"Validation of {report.data}", verdict, "fail" if failed else "pass", facts, _sections(report, profile, seen)
    )


def _sections(report: Report, profile: Profile, seen: Mapping[str, Seen]) -> Iterator[Html]:
    failed = [check for check in report.checks if not check.passed]
    if failed:
        yield section("What failed", listed(failed))
    yield section("Columns", *columns(profile, seen, report.checks))
    yield folded(f"All {len(report.checks)} checks", listed(report.checks))


def columns(profile: Profile, seen: Mapping[str, Seen], checks: Sequence[Check]) -> tuple[Html, ...]:
    """Return each column that was seen, beside its reference."""
    failed = [check for check in checks if not check.passed]
    shown = [column for column in profile.columns if column.name in seen]
    bad = {check.column for check in failed}
    shown.sort(key=lambda column: column.name not in bad)  # those that failed first, else as they stand
    note = "Blue is this data, grey the reference; each bar is a part of its range or one of its categories."
    heads = ("Column", "#Missing", "#Before", "Range or categories", "Before", "#Drift", "Distribution")
    drifts = {check.column: check for check in checks if check.what == "drift"}
    rows = [_row(profile, column, seen[column.name], drifts.get(column.name), bad) for column in shown]
    return paragraph(note), grid(heads, rows)


def listed(checks: Sequence[Check]) -> Html:
    """Return checks as a table."""
    return grid(
        ("", "Column", "Check", "Wanted", "Found"),
        (
            (
                toned("passed" if check.passed else "failed", "pass" if check.passed else "fail"),
                Html(f"<code>{text(check.column or 'the whole')}</code>"),
                text(check.what),
                text(check.wanted),
                text(check.found),
            )
            for check in checks
        ),
    )


def _row(profile: Profile, column: ColumnProfile, seen: Seen, drift: Check | None, bad: set[str]) -> tuple[Html, ...]:
    name = Html(f"<code>{text(column.name)}</code>")
    return (
        Html(f"{toned('', 'fail')}{name}") if column.name in bad else name,
        text(_percent(seen.missing, seen.rows)),
        text(_percent(column.missing, profile.rows)),
        text(_extent(column, seen)),
        text(_extent_before(column)),
        toned(drift.found, "pass" if drift.passed else "fail") if drift else text("-"),
        _drawn(column, seen),
    )


def _extent(column: ColumnProfile, seen: Seen) -> str:
    if column.kind == "number":
        return f"{seen.lowest:.6g} to {seen.highest:.6g}" if seen.lowest <= seen.highest else "no number"
    if not column.categories:
        return "any text"
    new = int(seen.counts[-1])
    return f"{int((seen.counts[:-1] > 0).sum())} of them" + (f", {new:,} values new" if new else "")


def _extent_before(column: ColumnProfile) -> str:
    if column.kind == "number":
        ends = column.lowest, column.highest
        return "-" if ends[0] is None or ends[1] is None else f"{ends[0]:.6g} to {ends[1]:.6g}"
    return f"{len(column.categories)} categories" if column.categories else "any text"


def _drawn(column: ColumnProfile, seen: Seen) -> Html:
    before, now = list(column.counts), [int(count) for count in seen.counts[: column.bins]]
    if column.kind == "text":
        before, now = [*before, 0], [*now, int(seen.counts[-1])]
        if len(before) > _MOST_BARS:  # the most frequent stand first; the others share a bar
            before = [*before[: _MOST_BARS - 1], sum(before[_MOST_BARS - 1 :])]
            now = [*now[: _MOST_BARS - 1], sum(now[_MOST_BARS - 1 :])]
    if not sum(before) or len(before) != len(now):
        return text("-")
    told = f"{column.name}: shares of this data beside the reference's"
    return bars(_shares(before), _shares(now), told)


def _shares(counts: list[int]) -> list[float]:
    whole = sum(counts) or 1
    return [count / whole for count in counts]


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.3g} %" if whole else "-"
