"""Writes what a run found: every figure as JSON, and on demand the page with its tables and plots."""

import json
from pathlib import Path

from loadtests.bars import bars
from loadtests.bench import environments
from loadtests.bench.machine import say
from loadtests.bench.report import members, replace_between_markers
from loadtests.comparison.blast_table import blast_bars, blast_markdown
from loadtests.comparison.day_table import day_bars, day_markdown, held
from loadtests.comparison.report import Comparison, deployment_bars, markdown
from loadtests.watch import prices

BUILD = environments.ROOT / "build" / "comparison"
PAGE = environments.ROOT / "docs" / "comparison.md"
MARK = "comparison"


def publish(found: Comparison, folder: Path, command: str, *, keep: bool) -> None:
    """Print the tables, write every figure into a folder; keep puts tables and plots into docs/."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "comparison.json"
    file.write_text(json.dumps(members(found), indent=1))
    page = whole_page(found, command=command)
    if keep:
        for name, picture in pictures(found).items():
            PAGE.with_name(name).write_text(picture)
        PAGE.write_text(replace_between_markers(PAGE.read_text(), page, MARK))
    say(f"every round: {file}")
    print(page, end="")


def whole_page(found: Comparison, *, command: str) -> str:
    """Return what stands between the markers of the page: each part with its plot; no day where no memory was seen."""
    parts = [f"![{told}]({name})" for name, (told, _) in _plots(found).items()]
    holding = held(found.visits)
    tables = [markdown(found, command=command)]
    tables += [blast_markdown(found.blasts)] if found.blasts else []
    tables += [day_markdown(holding, prices())] if holding else []
    heads = ["### Deployment and rollback", *(["### How far a fault reaches"] if found.blasts else [])]
    heads += ["### A day"] if holding else []
    return "\n\n".join("\n\n".join(some).rstrip() for some in zip(heads, parts, tables, strict=True)) + "\n"


def pictures(found: Comparison) -> dict[str, str]:
    """Return the plots by file name."""
    return {name: picture for name, (_, picture) in _plots(found).items()}


def _plots(found: Comparison) -> dict[str, tuple[str, str]]:
    """Return what each plot shows, in words and as a picture, by file name, in the order of the page."""
    deployed = "Seconds from a changed model file to its first answer, step by step"
    silent = "Seconds that another model than the faulty one gave no answer"
    paid = "What a day costs, in USD, by requests a day"
    plots = {"comparison-deployment.svg": (deployed, bars(deployment_bars(found.visits), told=deployed, unit="s"))}
    if found.blasts:
        plots["comparison-blast.svg"] = silent, bars(blast_bars(found.blasts), told=silent, unit="s")
    if holding := held(found.visits):
        plots["comparison-day.svg"] = paid, bars(day_bars(holding, prices()), told=paid, unit="USD")
    return plots
