"""What a cluster's commands print for people; each page takes the document that `--output json` prints."""

from collections.abc import Iterator
from typing import Any

import msgspec
from rich.table import Column, Table
from rich.text import Text

from poorwill.cli.page import Cell, new_console, new_table, print_table

_STATE = {"awake": "green", "asleep": "blue", "starting": "yellow", "failed": "red"}
_LEVEL = {"ok": "green", "warn": "yellow", "fail": "red"}
_VERSIONS = ("version", "state", "pods", "traffic", "digest", "url")
_EACH = 50  # models, each with a table of its own; more are one table
_DATA = 400  # characters
_DIGEST = 19  # characters: sha256: and twelve of them


def show_deployed(deployed: dict[str, Any]) -> None:
    """Print a version that was deployed, and how traffic gets to it."""
    out = new_console()
    word = "ready" if deployed["ready"] else "not waited for"
    word = "a dry run" if deployed["dry_run"] else word
    out.print(Text.assemble((deployed["name"], "bold green"), f"  {word}, {_change(deployed['changed'])}\n"))
    facts = Table.grid(Column(min_width=12), Column(overflow="fold"))
    for label, text in (
        ("service", f"{deployed['service']} in {deployed['namespace']}"),
        ("digest", deployed["digest"]),
        ("image", deployed["image"]),
        ("url", deployed["url"]),
        ("model", deployed["route_url"]),
        ("traffic", _split(deployed["traffic"])),
    ):
        if text:
            facts.add_row(Text(f"  {label}", "dim"), text)
    out.print(facts)
    tag = f"v{deployed['name'].partition('@')[2]}"
    if deployed["traffic"] and not deployed["traffic"].get(tag):
        hint = f"poorwill split {deployed['name'].partition('@')[0]} ... {tag}=10"
        out.print(Text.assemble(("\n  next".ljust(13), "dim"), ("traffic stays as it is; ", ""), (hint, "bold")))


def show_changed(changed: dict[str, Any]) -> None:
    """Print how a model's traffic moved."""
    out = new_console()
    before = _split(changed["from"]) or "none"
    word = f"{before} → {_split(changed['to'])}" if changed["changed"] else f"{before}, unchanged"
    dry = "  (a dry run)" if changed["dry_run"] else ""
    out.print(Text.assemble((changed["model"], "bold green"), f"  {word}{dry}"))
    for tag, url in changed["urls"].items():
        out.print(Text.assemble((f"  {tag:<4}", "dim"), url), soft_wrap=True)
    for version in changed["dropped"]:
        out.print(f"  v{version} has lost its tag: it can't serve any more, and would hold the Route back")


def show_deleted(deleted: dict[str, Any]) -> None:
    """Print what was deleted."""
    word = "would be deleted" if deleted["dry_run"] else "deleted"
    names = ([f"Route {deleted['model']}"] if deleted["route"] else []) + list(deleted["services"])
    new_console().print(f"{', '.join(names)} {word}; the registry keeps its versions")


def show_status(status: dict[str, Any]) -> None:
    """Print models and versions."""
    out = new_console()
    if not status["models"]:
        out.print(f"nothing is deployed in {status['namespace']}; bring something: poorwill deploy NAME@VERSION")
    if len(status["models"]) > _EACH:
        print_table(_VERSIONS, [row for model in status["models"] for row in _version_rows(model)])
        return
    for model in status["models"]:
        reason = "" if model["ready"] else f"  {model['reason']}"
        out.print(
            Text.assemble((model["model"], "bold green"), f"  {model['url']}", (reason, "yellow")), soft_wrap=True
        )
        rows = new_table(*_VERSIONS)
        for row in _version_rows(model):
            rows.add_row(*row)
        out.print(rows)


def _version_rows(model: dict[str, Any]) -> Iterator[tuple[Cell, ...]]:
    for version in model["versions"]:
        state = Text(version["state"], _STATE[version["state"]])
        if version["reason"]:
            state.append(f" {version['reason']}", "dim")
        name, share = f"{model['model']}@{version['version']}", f"{version['percent']} %"
        url = version["tag_url"] or version["url"]
        yield name, state, str(version["replicas"]), share, version["digest"][:_DIGEST], url


def show_sent(sent: dict[str, Any]) -> None:
    """Print an event that a Broker has accepted."""
    out = new_console()
    out.print(Text.assemble((sent["type"], "bold green"), f"  accepted by {sent['broker']}"))
    out.print(
        Text.assemble(("  id".ljust(10), "dim"), sent["id"], ("  source ", "dim"), sent["source"]), soft_wrap=True
    )


def show_event(event: dict[str, Any]) -> None:
    """Print an event as it came: its attributes, and its data if that is short."""
    out = new_console()
    subject = f"  {event['subject']}" if event.get("subject") else ""
    out.print(Text.assemble((event["type"], "bold green"), subject, (f"  {event.get('time', '')}", "dim")))
    out.print(Text(f"  {event['source']}  {event['id']}", "dim"), soft_wrap=True)
    if "data" in event:
        words = msgspec.json.encode(event["data"]).decode()
        out.print(f"  {words[:_DATA]}{'…' if len(words) > _DATA else ''}", soft_wrap=True)


def show_doctor(report: dict[str, Any]) -> None:
    """Print what was looked at, and what to do."""
    rows = new_table("", "check", "found", "what to do")
    for row in report["checks"]:
        rows.add_row(Text(row["level"], _LEVEL[row["level"]]), row["check"], row["found"], row["next"])
    new_console().print(rows)


def _change(changed: object) -> str:
    return "changed" if changed else "unchanged"


def _split(split: dict[str, int]) -> str:
    return " ".join(f"{tag}={percent}" for tag, percent in split.items())
