"""What `poorwill ci` reports: a page for people, and Markdown for a CI job's summary, both of the same document."""

from typing import Any

from rich.text import Text

from poorwill.cli.page import new_console, new_table
from poorwill.cli.run_drawing import seconds

_STYLE = {"passed": "green", "failed": "red", "stopped": "yellow", "waiting": "dim", "running": "yellow"}
_MARK = {"passed": "✓", "failed": "✗", "stopped": "■", "waiting": "○", "running": "●"}


def show_ci(document: dict[str, Any]) -> None:
    """Print how it went."""
    out = new_console()
    out.print(Text.assemble((_title(document), "bold"), "  ", (document["state"], _STYLE[document["state"]])))
    if document["run"]:
        out.print(Text(f"  run {document['run']}", "dim"))
    table = new_table("", "stage", "time", "")
    for stage in document["stages"]:
        mark = Text(_MARK[stage["state"]], _STYLE[stage["state"]])
        table.add_row(mark, stage["stage"], seconds(stage["seconds"]), stage["said"])
    out.print(table)
    for row in document["golden"]:
        sign = (f"  {_MARK[row['state']]} ", _STYLE[row["state"]])
        out.print(Text.assemble(sign, f"{row['name']}  ", (row["said"], "red")))
    for line in _rest(document):
        out.print(f"  {line}", soft_wrap=True)


def markdown(document: dict[str, Any]) -> str:
    """Return it as Markdown."""
    lines = [f"## {_title(document)}: {document['state']}", "", "| stage | state | time | |", "|---|---|---|---|"]
    lines += [
        f"| {stage['stage']} | {stage['state']} | {seconds(stage['seconds'])} | {_cell(stage['said'])} |"
        for stage in document["stages"]
    ]
    if document["golden"]:
        lines += ["", "| request | state | |", "|---|---|---|"]
        lines += [f"| {_cell(row['name'])} | {row['state']} | {_cell(row['said'])} |" for row in document["golden"]]
    for trouble in document["troubles"]:
        lines += ["", f"**{_cell(trouble['where'])}**: wanted {_cell(trouble['wanted'])}, found"]
        lines[-1] += f" {_cell(trouble['found'])}; {_cell(trouble['next'])}."
    rest = [f"- {_cell(line)}" for line in _rest(document)]
    return "\n".join([*lines, *(["", *rest] if rest else [])]) + "\n"


def _title(document: dict[str, Any]) -> str:
    version = f"@{document['version']}" if document["version"] else ""
    return f"{document['model']}{version}" if document["model"] else "poorwill ci"


def _rest(document: dict[str, Any]) -> list[str]:
    lines = [f"rolled back: {line}" for line in document["rollback"]["done"]]
    lines += [f"NOT rolled back: {line}" for line in document["rollback"]["left"]]
    if document["traffic"]:
        lines.append("traffic: " + " ".join(f"{tag}={percent}" for tag, percent in document["traffic"].items()))
    return lines + ([f"next: {document['next']}"] if document["next"] else [])


def _cell(text: str) -> str:
    """Return a text that stays text in Markdown: faults may hold what a user's function has said."""
    for character in "\\`*_[]<>|":
        text = text.replace(character, f"\\{character}")
    return " ".join(text.split())
