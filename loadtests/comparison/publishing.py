"""Writes what a run found: every figure as JSON, and on demand the page with its tables and plots."""

import json
from pathlib import Path

from loadtests.bench import environments
from loadtests.bench.machine import say
from loadtests.bench.report import members, replace_between_markers
from loadtests.comparison.bars import bars
from loadtests.comparison.report import Comparison, deployment_bars, markdown

BUILD = environments.ROOT / "build" / "comparison"
PAGE = environments.ROOT / "docs" / "comparison.md"
MARK = "comparison"


def publish(found: Comparison, folder: Path, *, keep: bool) -> None:
    """Print the tables, write every figure into a folder; keep puts tables and plots into docs/."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "comparison.json"
    file.write_text(json.dumps(members(found), indent=1))
    page = markdown(found, command="`make comparison README=1`" if keep else "`make comparison`")
    if keep:
        for name, picture in pictures(found).items():
            PAGE.with_name(name).write_text(picture)
        PAGE.write_text(replace_between_markers(PAGE.read_text(), page, MARK))
    say(f"every round: {file}")
    print(page, end="")


def pictures(found: Comparison) -> dict[str, str]:
    """Return the plots by file name."""
    told = "seconds from a changed model file to its first answer, step by step"
    return {"comparison-deployment.svg": bars(deployment_bars(found.visits), told=told, unit="s")}
