"""What the runs of `make load` found, as the table and pictures that docs/load.md keeps."""

import datetime as dt
import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from loadtests.bench.report import number, replace_between_markers, table
from loadtests.commit import commit
from loadtests.processors import machine
from loadtests.twin import ROOT

PAGE = ROOT / "docs" / "load.md"
MARK = "load"
PICTURED = ("spike", "split-change", "long-tail")
"""Runs that show something over time; the others are level."""
HEADS = (
    "run",
    "request",
    "right",
    "errors, lost, wrong",
    "right a second",
    "warm p50, p99 ms",
    "cold",
    "cold p50, p99 ms",
)


def keep(runs: Sequence[str], reports: Path) -> None:
    """Put what these runs left in a folder into the page, and their pictures beside it."""
    found = {run: json.loads((reports / f"{run}.json").read_text()) for run in runs}
    drawn = [run for run in runs if run in PICTURED]
    for run in drawn:
        PAGE.with_name(f"load-{run}.svg").write_text((reports / f"{run}.svg").read_text())
    facts = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, {machine()}, commit {commit()}, Python {platform.python_version()}"
    PAGE.write_text(replace_between_markers(PAGE.read_text(), markdown(found, drawn, facts), MARK))


def markdown(found: Mapping[str, Any], drawn: Sequence[str], facts: str) -> str:
    """Return the table, the limits in a sentence, and the pictures."""
    limits = [line for run in found.values() for line in run["limits"]]
    broken = [f"{line['kind']}: {line['measure']}" for line in limits if not line["kept"]]
    verdict = f"{len(limits)} limits, " + (f"broken: {', '.join(broken)}." if broken else "all of them kept.")
    pictures = [f"![{run}: time to answers, answers a second, and what served them](load-{run}.svg)" for run in drawn]
    rows = [row for run, one in found.items() for row in _rows(run, one["found"])]
    return "\n\n".join((f"{facts}, `make load README=1`:", table(HEADS, rows), verdict, *pictures)) + "\n"


def _rows(run: str, kinds: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    for kind, one in kinds.items():
        failed = ", ".join(f"{one[how]:,}" for how in ("errors", "lost", "wrong"))
        warm, cold = _pair(one, "warm"), _pair(one, "cold")
        rate = number(one["requests_per_second"], 1)
        yield (f"`{run}`", kind, f"{one['right']:,}", failed, rate, warm, f"{one['cold_answers']:,}", cold)


def _pair(one: Mapping[str, Any], which: str) -> str:
    values = (one[f"{which}_p50_ms"], one[f"{which}_p99_ms"])
    return ", ".join("-" if value is None else number(value, 0) for value in values)
