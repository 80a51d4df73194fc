"""What the pipeline commands print for people; each page takes the document that `--output json` prints."""

import time
from collections.abc import Iterable
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from poorwill.cli.page import new_console, new_table
from poorwill.cli.run_drawing import seconds

_MARK = {"completed": ("✓", "green"), "failed": ("✗", "red"), "running": ("●", "yellow"), "waiting": ("○", "dim")}
_STATE = {"completed": "green", "failed": "red", "running": "yellow", "waiting": "dim"}
_VERDICT = {"pass": "green", "fail": "red", "inconclusive": "yellow"}
_MOST_OFF = 5  # columns and metrics in a line
_SAID = 120  # characters of what a subscriber answered
_DIGEST = 19  # characters: sha256: and twelve of them


def run_lines(run: dict[str, Any]) -> Group:
    """Return a run as it is now, a line or two a step, for a page or a live view."""
    head = Text.assemble((run["run"], "bold green"), "  ", (run["state"], _STATE[run["state"]]))
    origin = f"  pipeline {run['pipeline']}, model {run['model']}, began {run['created'][:19].replace('T', ' ')} UTC"
    rows = Table.grid(padding=(0, 2))
    for number, step in enumerate(run["steps"]):
        if number:
            rows.add_row(Text("  │", "dim"))
        rows.add_row(*_step(step))
        for fault in step["troubles"]:
            rows.add_row("", "", "", Text(f"{fault['where']}: wanted {fault['wanted']}, found {fault['found']}", "red"))
            rows.add_row("", "", "", Text(fault["next"], "dim"))
    return Group(head, Text(origin, "dim"), Text(), rows)


def show_run(run: dict[str, Any]) -> None:
    """Print one run."""
    new_console().print(run_lines(run))


def show_runs(runs: list[dict[str, Any]]) -> None:
    """Print all runs, the newest first."""
    table = new_table("run", "state", "at", "began", "version")
    for run in runs:
        state = Text(run["state"], _STATE[run["state"]])
        version = f"{run['model']}@{run['version']}" if run["version"] else ""
        table.add_row(run["run"], state, run["at"], run["created"][:19].replace("T", " "), version)
    new_console().print(table if runs else "no runs yet; begin one: poorwill pipeline run pipeline.yaml")


def show_drift(report: dict[str, Any]) -> None:
    """Print what a look at live data found, a version a line."""
    table = new_table("version", "verdict", "predictions", "with truth", "off")
    for drift in report["versions"]:
        failed = dict.fromkeys(check["column"] for check in drift["checks"] if not check["passed"])
        metrics = [limit["metric"] for limit in drift["limits"] if limit["verdict"] == "fail"]
        off = [*metrics, *failed]
        more = f" and {len(off) - _MOST_OFF} more" if len(off) > _MOST_OFF else ""
        named = ", ".join(off[:_MOST_OFF]) + more or drift["note"]
        verdict = Text(drift["verdict"], _VERDICT[drift["verdict"]])
        rows, truths = f"{drift['rows']:,}", f"{drift['truths']:,}"
        table.add_row(f"{report['model']}@{drift['version']}", verdict, rows, truths, named)
    nothing = f"no samples of {report['model']} in {report['hours']:g} hours; versions send them --with sampled"
    new_console().print(table if report["versions"] else nothing)


def show_dead_letters(letters: list[dict[str, Any]]) -> None:
    """Print the events that nobody took."""
    table = new_table("id", "at", "type", "subject", "was for", "code", "which said")
    for letter in letters:
        at = letter["time"][:19].replace("T", " ")
        words = letter["said"][:_SAID] + ("…" if len(letter["said"]) > _SAID else "")
        table.add_row(
            letter["id"], at, letter["type"], letter["subject"], letter["destination"], str(letter["code"]), words
        )
    new_console().print(table if letters else "no dead letters: every event was taken")


def plain_step(step: dict[str, Any]) -> str:
    """Return a step that ended as one line, where there is no terminal."""
    reused = "reused" if step["reused"] else ""
    end = f"{step['step']}: {step['state']} after {seconds(step['seconds'])}"
    return ", ".join(filter(None, (end, reused, told(step["facts"]))))


def _step(step: dict[str, Any]) -> Iterable[Text]:
    mark, style = _MARK[step["state"]]
    yield Text(f"  {mark}", style)
    yield Text(step["step"], "bold" if step["state"] == "running" else "")
    took = step["seconds"]
    if step["state"] == "running" and "since" in step:
        took = time.monotonic() - step["since"]
    yield Text(" ".join(filter(None, (seconds(took), "reused" if step["reused"] else ""))), "dim")
    if step["state"] == "running":
        yield Text(step.get("line", ""), "dim")
        return
    main = [gift for gift in step["gives"] if "." not in gift["name"]]  # beside it lie reports and the like
    gives = "".join(f"→ {gift['name']} {gift['digest'][:_DIGEST]}  " for gift in main)
    yield Text.assemble(gives, (told(step["facts"]), "dim"))


def told(facts: dict[str, Any]) -> str:
    """Return what of a step's facts fits a line: single numbers and words."""
    small = [
        f"{name.replace('_', ' ')} {value:g}" if isinstance(value, float) else f"{name.replace('_', ' ')} {value}"
        for name, value in facts.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool) and 0 < len(str(value)) <= 40
    ]
    return ", ".join(small)
