"""Writes what a run found: every visit as JSON, and on demand the pages with tables and the picture."""

import json
import re
from pathlib import Path

from loadtests.bench import environments
from loadtests.bench.machine import say
from loadtests.bench.report import members, replace_between_markers
from loadtests.peers.panels import panels
from loadtests.peers.report import NAMES, PICTURE, TOLD, Comparison, markdown, short
from loadtests.peers.summary import summarize

BUILD = environments.ROOT / "build" / "peers"
PAGE, MARK = environments.ROOT / "docs" / "peers.md", "peers"
README, README_MARK = environments.ROOT / "README.md", "bench"


def publish(run: Comparison, *, keep: bool) -> None:
    """Print the tables, write every visit and the picture into build/; keep puts them into docs/ and the README."""
    BUILD.mkdir(parents=True, exist_ok=True)
    faults = [{"model": model, "row": row, "why": why} for (model, row), why in run.faults.items()]
    found = run._asdict() | {"visits": list(run.visits), "faults": faults}
    (BUILD / "result.json").write_text(json.dumps(members(found), indent=1))
    page, picture = markdown(run), panels(summarize(run.visits), NAMES, told=TOLD)
    (BUILD / PICTURE).write_text(picture)
    if keep:
        PAGE.with_name(PICTURE).write_text(picture)
        _put(page, PAGE, MARK)
        if told := short(run):
            _put(told, README, README_MARK)
    say(f"every visit: {(BUILD / 'result.json').relative_to(environments.ROOT)}")
    print(re.sub(r"^!\[.*\n\n", "", page, flags=re.MULTILINE), end="")


def _put(content: str, page: Path, mark: str) -> None:
    page.write_text(replace_between_markers(page.read_text(), content, mark))
