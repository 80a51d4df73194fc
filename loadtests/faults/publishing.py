"""Writes what a run of faults or a soak found: the page, and on demand what stands in docs/."""

import datetime as dt

from loadtests.bench.machine import machine, say
from loadtests.bench.report import replace_between_markers
from loadtests.commit import commit
from loadtests.faults import soak_page, table
from loadtests.faults.page import Whole, faults_page, picture
from loadtests.faults.run import BUILD
from loadtests.faults.soak_page import Soak
from loadtests.twin import ROOT

PAGE = ROOT / "docs" / "faults.md"


def publish_faults(whole: Whole, *, keep: bool) -> None:
    """Print the table and write the page; keep puts table and plot into docs/."""
    facts = _facts() | {"seed": str(whole.seed)}
    content = table.markdown(whole.found, head=_head(facts, f"make faults SEED={whole.seed}"))
    _write("faults.html", faults_page(whole, facts), content)
    if keep:
        told = "Right answers a second, and what was told in place of answers; each fault a band with its number"
        _keep(content, "faults", picture(whole), "faults-load.svg", told)
        PAGE.write_text(replace_between_markers(PAGE.read_text(), table.documented_markdown(), "kinds"))


def publish_soak(soak: Soak, *, keep: bool) -> None:
    """Print the table and write the page; keep puts table and plot into docs/."""
    facts = _facts() | {"lasted": f"{soak.wanted_seconds:.0f} s"}
    content = soak_page.markdown(soak, head=_head(facts, f"make soak SECONDS={soak.wanted_seconds:.0f}"))
    _write("soak.html", soak_page.soak_page(soak, facts), content)
    if keep:
        told = "Memory in MB, descriptors and threads of each process over time"
        _keep(content, "soak", soak_page.picture(soak), "faults-soak.svg", told)


def _facts() -> dict[str, str]:
    return {"date": f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC", "machine": machine(), "commit": commit()}


def _head(facts: dict[str, str], command: str) -> str:
    return f"{facts['date'][:10]}, {facts['machine']}, commit {facts['commit']}, `{command}`:"


def _write(name: str, page: bytes, content: str) -> None:
    BUILD.mkdir(parents=True, exist_ok=True)
    (BUILD / name).write_bytes(page)
    print(f"\n{content}", end="")
    say(f"over time: {(BUILD / name).relative_to(ROOT)}")


def _keep(content: str, mark: str, drawn: str, name: str, told: str) -> None:
    PAGE.with_name(name).write_text(drawn)
    PAGE.write_text(replace_between_markers(PAGE.read_text(), f"{content}\n![{told}]({name})\n", mark))
