"""From a run to its pages: a table for each model, goals and reasons, in Markdown. Nothing here measures or writes."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from loadtests.bench.report import goal_table, number, table
from loadtests.peers.floors import Floors
from loadtests.peers.goals import Promise, promises
from loadtests.peers.locks import versions
from loadtests.peers.models import BIG, SMALL, TREE
from loadtests.peers.rows import OURS, ROWS
from loadtests.peers.summary import Span, Summary, summarize
from loadtests.peers.tour import Visit

NAMES = {
    SMALL: "small: a logistic regression, 4 numbers to 3",
    TREE: "tree: gradient boosting, 300 trees of 30 features",
    BIG: "big: a net of ResNet-50's shape, 102 MB, a picture of 3x64x64",
}
PICTURE = "peers.svg"
TOLD = "Requests a second, p99 and cold start of each server, for each model"
_HEAD = ("req/s, 64 conn.", "p99 ms, 64", "p50 ms, 1", "p99 ms, 1", "cold start ms", "PSS MB", "CPU us/req", "bad")


class Comparison(NamedTuple):
    """All that a run found.

    Attributes:
        heading: when, where, of which commit, by which command.
        visits: every one.
        floors: see Floors.
        threads: of a run of the big model, by row.
        faults: why rows were left out of a model.
    """

    heading: str
    visits: Sequence[Visit]
    floors: Floors
    threads: Mapping[str, int]
    faults: Mapping[tuple[str, str], str]


def markdown(run: Comparison) -> str:
    """Return what stands between the markers of docs/peers.md."""
    found = summarize(run.visits)
    promised = promises(found, run.floors)
    parts = [run.heading, goal_table([each.goal for each in promised]), _reasons(promised), f"![{TOLD}]({PICTURE})"]
    for model, of in found.items():
        parts += [f"### {NAMES[model][0].upper()}{NAMES[model][1:]}", _servers(model, of, run.threads)]
    return _joined([*parts, _floors(run.floors), _left_out(run.faults)])


def short(run: Comparison) -> str:
    """Return what stands between the markers of the README: the small model alone; nothing where it was left out."""
    found = summarize(run.visits)
    if SMALL not in found:
        return ""
    promised = [each for each in promises(found, run.floors) if each.model == SMALL]
    rows = (
        (ROWS[row].name, *(_middle(span, digits) for span, digits in _spans(each) if span is not each.p99_one_ms))
        for row, each in found[SMALL].items()
    )
    measured = table(("", *(name for name in _HEAD[:-1] if name != _HEAD[3])), rows)
    return _joined([run.heading, measured, goal_table([each.goal for each in promised])])


def _servers(model: str, found: Mapping[str, Summary], threads: Mapping[str, int]) -> str:
    many = model == BIG
    head = ("", "version", *(("threads",) if many else ()), *_HEAD)
    return table(
        head,
        (
            (
                ROWS[row].name,
                _version(row),
                *((str(threads.get(row, 1)),) if many else ()),
                *(_spanned(span, digits) for span, digits in _spans(each)),
                str(each.errors),
            )
            for row, each in found.items()
        ),
    )


def _spans(row: Summary) -> list[tuple[Span | None, int]]:
    """Return the cells of a row, each with its digits."""
    return [
        (row.requests_per_second, 0 if row.requests_per_second and row.requests_per_second.median >= 100 else 1),
        (row.p99_many_ms, 1),
        (row.p50_one_ms, 2),
        (row.p99_one_ms, 2),
        (row.cold_ms, 0),
        (row.pss_mb, 0),
        (row.cpu_us, 0),
    ]


def _version(row: str) -> str:
    return "this commit" if row == OURS else ", ".join(versions(row, ROWS[row].packages))


def _reasons(promised: Sequence[Promise]) -> str:
    missed = [each for each in promised if each.goal.verdict == "**not met**"]
    return "\n".join(f"- Not met, {each.goal.sentence}: {each.reason}." for each in missed)


def _floors(floors: Floors) -> str:
    runs = ", ".join(f"{us:,.0f} us ({model})" for model, us in floors.run_us.items())
    live = number(floors.live_us, 0)
    return (
        f"Below which nobody gets, in the same run: an interpreter that imports onnxruntime and ends, "
        f"{floors.import_ms:,.0f} ms; the model's run alone on one thread, {runs}; CPU of a request to Poorwill that "
        f"no model answers, {live} us."
    )


def _left_out(faults: Mapping[tuple[str, str], str]) -> str:
    return "\n".join(f"- **Left out** of {model}: {ROWS[row].name}: {why}" for (model, row), why in faults.items())


def _spanned(span: Span | None, digits: int) -> str:
    """Return a median, with what it lies between where rounds differ."""
    middle = _middle(span, digits)
    if span is None or span.low == span.high:
        return middle
    return f"{middle} ({number(span.low, digits)}-{number(span.high, digits)})"


def _middle(span: Span | None, digits: int) -> str:
    return number(span.median if span else None, digits)


def _joined(parts: Sequence[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"
